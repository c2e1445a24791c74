#!/usr/bin/env perl
# 00-docs.t - every prototype in a header says above it what it is for; nothing is left for later
use v5.36;
use Test::More;
use Postern::Lint qw(sources bare);
use Postern::Test qw(source_dir slurp);

my $top = source_dir();

# Prototypes without a comment that ends on the line above them. A family that stands together
# without a blank line shares the one above its first member.
sub undocumented ($file) {
    my @lines = split /\n/, slurp("$top/$file");
    my @bare  = split /\n/, bare(join "\n", @lines), -1;
    my ($depth, $n, $told, @bad) = (0, 0, -2);    # told: the last line of a documented one
    for my $i (0 .. $#bare) {
        my $at_top = $depth == 0;
        $depth += () = $bare[$i] =~ /\{/g;
        $depth -= () = $bare[$i] =~ /\}/g;
        $told = $i if $at_top && $told == $i - 1 && $bare[$i] =~ /^\s+\S/;
        next unless $at_top && $bare[$i] =~ /^[a-z]\w*\b[^{]*?\b(\w+)\(/;
        my $name = $1;
        next if $bare[$i] =~ /^(?:typedef|static|extern)\b/ || $name eq '__attribute__';
        $n++;
        if ($told == $i - 1 || $i > 0 && $lines[ $i - 1 ] =~ m{\*/\s*$}) { $told = $i; next }
        push @bad, "$file:" . ($i + 1) . ": $name has no docstring";
    }
    return ($n, @bad);
}

my $n_prototypes = 0;
for my $file (sources(qw(src/*/*.h filters/*.h))) {
    my ($n, @bad) = undocumented($file);
    $n_prototypes += $n;
    my ($first) = split /\n/, slurp("$top/$file"), 2;
    my $name = $file =~ s{.*/}{}r;
    push @bad, "$file:1: does not begin with its path and purpose"
        unless $first =~ m{^/\* \Q$file\E - \w};
    is(join("\n", @bad), '', "$file says what it promises");
}
cmp_ok($n_prototypes, '>=', 50, "the prototypes were found ($n_prototypes)");

my @later = ('TO' . 'DO', 'FIX' . 'ME', 'X' . 'XX', 'not imple' . 'mented');
my $later = join '|', map {"\\b$_\\b"} @later;
my @code = sources(qw(src/*/*.[ch] src/*/*.proto filters/*.[ch] t/*.t t/lib/*/*.pm t/*/*.[ch]
    contrib/* conf/* bootstrap configure.ac Makefile.am */*.mk src/*/*.mk));
for my $file (grep { -f "$top/$_" } @code) {
    my $text = slurp("$top/$file");
    ok($text !~ /($later)/, "$file leaves nothing for later") or diag("found: $1");
}
done_testing;
