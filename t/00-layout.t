#!/usr/bin/env perl
# 00-layout.t - the form of the code, and what only some places may call
use v5.36;
use Test::More;
use Postern::Lint qw(sources bare allowed stale_allowances);
use Postern::Test qw(source_dir build_dir slurp must_have);

my %most = (
    columns => 100, 'function' => 60, file => 600, header => 150, parameters => 6, nesting => 3
);
my $top = source_dir();
my %text = map { $_ => slurp("$top/$_") } sources();
my %bare = map { $_ => bare($text{$_}) } keys %text;
my @files = sort keys %text;
cmp_ok(scalar @files, '>=', 20, 'there are sources to look at');

# One test for a rule over all files. call gives complaints as "line: what".
sub rule ($name, $what, $call) {
    my @bad;
    for my $file (@files) {
        my @here = $call->($file, $bare{$file}, $text{$file});
        push @bad, map {"$file:$_"} @here if @here && !allowed($name, $file);
    }
    is(join("\n", @bad), '', $what);
    return;
}

# Complaints for each line that matches.
sub lines_with ($bare, $pattern, $what) {
    my $n = 0;
    return map { $n++; /$pattern/ ? "$n: $what" : () } split /\n/, $bare;
}

# The functions of a file: { name, line, n_lines, body, parameters }
sub functions ($bare) {
    my @lines = split /\n/, $bare, -1;
    my ($open, @found);
    for my $i (0 .. $#lines) {
        $open = $i if $lines[$i] eq '{';
        next unless defined $open && $lines[$i] =~ /^\}/;
        my $head = $open - 1;
        $head-- while $head > 0 && $lines[$head] !~ /^\w+\(/;
        my $signature = join ' ', @lines[ $head .. $open - 1 ];
        my ($name, $list) = $signature =~ /^(\w+)\((.*)\)/ ? ($1, $2) : ('?', '');
        $list =~ s/\([^()]*\)//g;    # the commas of a function pointer are its own
        push @found, {
            name => $name, line => $open + 1, n_lines => $i - $open + 1,
            body => [ @lines[ $open .. $i ] ], n_parameters => ($list =~ tr/,//) + 1
        };
        undef $open;
    }
    return @found;
}

rule('columns', "no line over $most{columns} columns", sub ($file, $bare, $text) {
    my $n = 0;
    return map {
        $n++;
        1 while s/\t+/' ' x (8 * length($&) - length($`) % 8)/e;
        utf8::decode($_);
        length > $most{columns} ? "$n: " . length($_) . ' columns' : ();
    } split /\n/, $text;
});
rule('file', "no file over $most{file} lines, no header over $most{header}", sub ($file, @text) {
    my $n = $text[1] =~ tr/\n//;
    my $most = $most{ $file =~ /\.h$/ ? 'header' : 'file' };
    return $n > $most ? "$n: lines" : ();
});
rule('function', "no function over $most{function} lines", sub ($file, $bare, $) {
    return map {"$_->{line}: $_->{name} has $_->{n_lines} lines"}
        grep { $_->{n_lines} > $most{function} } functions($bare);
});
rule('parameters', "at most $most{parameters} parameters", sub ($file, $bare, $) {
    return map {"$_->{line}: $_->{name} has $_->{n_parameters}"}
        grep { $_->{n_parameters} > $most{parameters} } functions($bare);
});
rule('nesting', "nothing nested deeper than $most{nesting}", sub ($file, $bare, $) {
    my @bad;
    for my $f (functions($bare)) {
        my ($depth, $deepest) = (0, 0);
        for (join('', @{ $f->{body} }) =~ /[{}]/g) {
            $depth += $_ eq '{' ? 1 : -1;
            $deepest = $depth if $depth > $deepest;
        }
        my $nests = $deepest - 1;
        push @bad, "$f->{line}: $f->{name} nests $nests" if $nests > $most{nesting};
    }
    return @bad;
});
rule('goto', 'goto goes forward only', sub ($file, $bare, $) {
    my @bad;
    for my $f (functions($bare)) {
        my (%label, $n);
        $n = $f->{line};
        for (@{ $f->{body} }) {
            $label{$1} = 1 if /^\s*(\w+):(?!:)/ && !/^\s*default:/;
            push @bad, "$n: goto $1 goes back" if /\bgoto (\w+)/ && $label{$1};
            $n++;
        }
    }
    return @bad;
});

my $unsafe = qr/\b(?:strcpy|strncpy|strcat|strncat|sprintf|vsprintf|gets|strtok|alloca)\s*\(/;
my $memory = qr/\b(?:malloc|calloc|realloc|strdup|strndup|asprintf|vasprintf)\s*\(/;
my $clock  = qr/(?<![\w.>])(?:time|gettimeofday|localtime|gmtime|ctime)\s*\(
    |\bclock_gettime\(CLOCK_(?!PROCESS_CPUTIME_ID|THREAD_CPUTIME_ID)/x;
rule('unsafe', 'no strcpy and its kin', sub ($file, $bare, $) {
    return lines_with($bare, $unsafe, 'unbounded or stateful');
});
rule('exit', 'only src/prog ends the process', sub ($file, $bare, $) {
    return () if $file =~ m{^src/prog/};
    return lines_with($bare, qr/(?<!\w)(?:exit|err|errx)\s*\(/, 'only a program exits');
});
rule('memory', 'only src/base allocates by hand', sub ($file, $bare, $) {
    return () if $file =~ m{^src/base/};
    return lines_with($bare, $memory, 'arena or buf, please');
});
rule('clock', 'only src/base/clock.c looks at the clock', sub ($file, $bare, $) {
    return () if $file eq 'src/base/clock.c';
    return lines_with($bare, $clock, 'clock_now_s or clock_mono_ms, please');
});
rule('typedef', 'no typedef for a struct, no _t of our own', sub ($file, $bare, $) {
    return (lines_with($bare, qr/\btypedef\s+(?:struct|enum|union)\b[^(]*$/, 'say struct'),
        lines_with($bare, qr/^\s*(?:struct|enum)\s+\w+_t\b\s*\{/, '_t belongs to POSIX'));
});

# The module of a file: its own name, or, for the second file of a module (ask_state.c has no
# ask_state.h), the name of the header that it belongs to.
sub module_of ($dir, $stem) {
    my $module = $stem;
    while (!-e "$top/$dir/$module.h") { $module =~ s/_[^_]*\z// or return $stem }
    return $module;
}

my $read_symbols = 0;
SKIP: {
    my @objects = grep { !/\.pb-c\.o$/ } glob build_dir() . '/{src/*,filters}/*.o';
    my $nm = grep { -x "$_/nm" } split /:/, $ENV{PATH};
    must_have('nm', 0, 'no nm, so symbols were not read') if !$nm && $ENV{POSTERN_MUST_RUN};
    skip 'nothing is built here, or there is no nm', 1 unless $nm && @objects;
    $read_symbols = 1;
    my @bad;
    for my $object (@objects) {
        my ($dir, $stem) = $object =~ m{((?:src/)?[^/]+)/(?:[^/]*-)?([^/-]+)\.o$};
        my $module = module_of($dir, $stem);
        my @foreign;
        for (split /\n/, qx(nm -g --defined-only '$object')) {
            my $symbol = (split)[-1] // next;
            next if $symbol =~ /^(?:__|DW\.|_ZTI)/ || $symbol eq 'main' && $dir eq 'src/prog';
            next if $symbol =~ /^(?:filter_|un)?\Q$module\E(?:_|$)/;
            push @foreign, "$dir/$stem.c: $symbol does not begin with $module";
        }
        push @bad, @foreign if @foreign && !allowed('prefix', "$dir/$stem.c");
    }
    is(join("\n", @bad), '', 'file, module and prefix are one name');
}
my @rules = (
    qw(columns file function parameters nesting goto unsafe exit memory clock),
    $read_symbols ? 'prefix' : ()
);
is(join("\n", stale_allowances(@rules)), '', 't/lint-allow has nothing that is no longer needed');
done_testing;
