#!/usr/bin/env perl
# t/classes.t - on real mail: no machine is acknowledged, hardly a person taken for a machine
use strict;
use warnings;
use Test::More;
use Postern::Classes;

my $PEOPLE_PER_MISTAKE = 200;
my $program = ($ENV{builddir} // '.') . '/t/unit/classify';
my $corpus = Postern::Classes::corpus($ENV{srcdir} // '.');
plan skip_all => "$program was not built" unless -x $program;
plan skip_all => "no corpus in $corpus (POSTERN_CORPUS names it)" unless -d $corpus;

my $seen = Postern::Classes::measure($program, $corpus);
for my $envelope (qw(found plain)) {
	my %want = (envelope => $envelope);
	my $c = Postern::Classes::counts($seen, %want);
	cmp_ok($c->{machines}, '>', 100, "envelope $envelope: $c->{machines} machines");
	cmp_ok($c->{people}, '>', 100, "envelope $envelope: $c->{people} people");
	my $sure = Postern::Classes::counts($seen, %want, reliability => 'A');
	is($sure->{acknowledged}, 0, 'no bounce and no automatic reply of label A would be acknowledged');
	cmp_ok($c->{acknowledged} * $PEOPLE_PER_MISTAKE, '<=', $c->{machines}, 'nor more than a few of others');
	cmp_ok($c->{mistaken} * $PEOPLE_PER_MISTAKE, '<=', $c->{people}, '1 of 200 people is taken for a machine, at most');
	cmp_ok($c->{silenced} * $PEOPLE_PER_MISTAKE, '<=', 2 * $c->{people}, 'and 1 of 100 not answered');
}
diag("\n" . Postern::Classes::rates($seen)) if $ENV{HARNESS_IS_VERBOSE};
done_testing;
