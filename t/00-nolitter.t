#!/usr/bin/env perl
# 00-nolitter.t - what is committed is source, and speaks of no machine but the reader's
use v5.36;
use Test::More;
use Postern::Test qw(source_dir slurp must_have);

my $top = source_dir();
must_have('git', -e "$top/.git", 'not a checkout, nothing is committed here');
chomp(my @files = qx(git -C '$top' -c safe.directory='*' ls-files));
must_have('git', @files > 0, 'git is missing');

my $built = qr/\.(?:o|a|la|lo|so|log|trs|gcda|gcno|orig|rej|swp|pyc|tar\.\w+)$|\.pb-c\.[ch]$
    |(?:^|\/)(?:Makefile\.in|configure|config\.(?:h|status|log)|aclocal\.m4|core)$|~$/x;
is(join("\n", grep {/$built/} @files), '', 'no build result is committed');

my @places = ('/work' . '/', '/tmp/' . 'team', '/home' . '/\w', '/Users' . '/\w');
my $places = join '|', @places;
for my $file (@files) {
    my $text = slurp("$top/$file") // next;
    next if $text =~ /\0/;
    my ($line) = grep {/$places/} split /\n/, $text;
    is($line, undef, "$file knows no machine's paths") if defined $line;
    my ($blanks) = grep {/[ \t]\r?$/} split /\n/, $text;
    is($blanks, undef, "$file has no blanks at a line's end")
        if defined $blanks && $file =~ /\.[ch]$/;
}
ok(@files > 30, scalar(@files) . ' committed files were read');

SKIP: {
    skip 'a tree being worked in may have changes; CI asks', 1 unless $ENV{CI};
    my $changes = qx(git -C '$top' -c safe.directory='*' status --porcelain);
    is($changes, '', 'the build left the tree clean');
}
done_testing;
