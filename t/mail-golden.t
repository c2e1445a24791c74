#!/usr/bin/env perl
# t/mail-golden.t - mails of our own making, in many charsets, say what their .expect files hold
#
# Each line of NAME.expect is a line of what `postern-parse --show NAME.eml` prints; a line that begins
# with "!" is the beginning of a line that may not be there.
use strict;
use warnings;
use Test::More;

my $src = $ENV{srcdir} // '.';
my $program = ($ENV{builddir} // '.') . '/postern-parse';

plan skip_all => "$program was not built" unless -x $program;
my @mails = sort glob "$src/t/mail/*.eml";
cmp_ok(scalar @mails, '>=', 20, scalar(@mails) . ' golden mails');
for my $mail (@mails) {
	open my $fh, '-|:raw', $program, '--show', $mail or die "$program: $!";
	my @shown = map { s/\n\z//r } <$fh>;
	ok(close $fh, "$mail is read");
	my %has = map { $_ => 1 } @shown;
	open my $expect, '<:raw', $mail =~ s/\.eml\z/.expect/r or die "$mail: no .expect: $!";
	my @bad;
	while (my $line = <$expect>) {
		chomp $line;
		if ($line =~ /^!(.+)/) {
			my $never = $1;
			push @bad, map { "unwanted: $_" } grep { index($_, $never) == 0 } @shown;
		} elsif (!$has{$line}) {
			push @bad, "missing: $line";
		}
	}
	is(join("\n", @bad), '', "$mail says what it should");
}
done_testing;
