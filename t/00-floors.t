#!/usr/bin/env perl
# 00-floors.t - every #include points at its own directory or at a lower floor (src/FLOORS), and a
# foreign library is seen by one file or directory only
use v5.36;
use Test::More;
use Postern::Lint qw(sources bare);
use Postern::Test qw(source_dir slurp);

my $top = source_dir();
my (%floor, %owner, %only);
for (split /\n/, slurp("$top/src/FLOORS")) {
    next if /^#|^\s*$/;
    my ($n, $dir, @foreign) = split;
    $floor{$dir} = $n;
    for (grep { $_ ne '-' } @foreign) {
        my ($header, $place) = split /=/;
        $only{$header} = $place;
    }
    for my $header (sources("$dir/*.h")) {
        my $name = $header =~ s{.*/}{}r;
        is($owner{$name}, undef, "$name is the name of one header only") if $owner{$name};
        $owner{$name} = $dir;
    }
    $owner{ $_ =~ s{.*/(\w+)\.proto$}{$1.pb-c.h}r } = $dir for glob "$top/$dir/*.proto";
}
cmp_ok(scalar keys %floor, '>=', 7, 'src/FLOORS names the floors');

# The places that a file's includes may not reach, as text; none is well.
sub complaint ($file, $dir, $line, $inc) {
    my $to = $owner{ $inc =~ s{.*/}{}r };
    return "$file:$line: a path in $inc hides the floor" if $inc =~ m{\.\./};
    return "$file:$line: looks up at $inc" if $to && $to ne $dir && $floor{$to} >= $floor{$dir};
    return "$file:$line: a filter does not see the store ($inc)"
        if $dir eq 'filters' && ($to // '') eq 'src/store';
    for my $header (sort keys %only) {
        my $place = $only{$header};
        return "$file:$line: <$inc> belongs to $place"
            if index($inc, $header) == 0 && $file ne $place && index($file, "$place/") != 0;
    }
    return ();
}

for my $dir (sort keys %floor) {
    my @bad;
    for my $file (sources("$dir/*.[ch]")) {
        my $line = 0;
        for (split /\n/, slurp("$top/$file")) {
            $line++;
            push @bad, complaint($file, $dir, $line, $1) if /^\s*#\s*include\s*["<]([^">]+)/;
        }
    }
    is(join("\n", @bad), '', "$dir stands on its own floor");
}
for my $place (sort values %only) {
    ok(-e "$top/$place", "$place of src/FLOORS is there");
}
done_testing;
