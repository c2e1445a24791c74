# Postern::Lint - the tree as the lint tests see it
package Postern::Lint;
use v5.36;
use Exporter qw(import);
use Postern::Test qw(source_dir slurp);

our @EXPORT_OK = qw(sources bare allowed stale_allowances);

# Our C files that match the globs, as paths from the top of the tree.
sub sources (@globs) {
    my $top = source_dir();
    my @globs_here = @globs ? @globs : qw(src/*/*.[ch] filters/*.[ch]);
    my @files = sort map { glob "$top/$_" } @globs_here;
    return grep { !/\.pb-c\./ } map {s{^\Q$top\E/}{}r} @files;
}

# C text with comments, strings and character constants blanked; lines keep their numbers.
sub bare ($text) {
    my $blank = sub ($piece) { return $piece =~ s/[^\n]/ /gr };
    my $string = qr/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/;
    $text =~ s{(/\*.*?\*/|//[^\n]*|$string)}{ $blank->($1) }gse;
    return $text;
}

# t/lint-allow: what was there before the rule. The list may only shrink.
my %allow = map { /^(\S+)\s+(\S+)/ && !/^#/ ? ("$1 $2" => 0) : () }
    split /\n/, slurp(source_dir() . '/t/lint-allow') // '';

# Whether a file may break a rule.
sub allowed ($rule, $file) {
    return exists $allow{"$rule $file"} && ++$allow{"$rule $file"};
}

# Lines of t/lint-allow for some rules that nothing needed: they must go.
sub stale_allowances (@rules) {
    my %rules = map { $_ => 1 } @rules;
    return sort grep { $rules{ (split)[0] } && !$allow{$_} } keys %allow;
}
1;
