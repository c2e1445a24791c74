#!/usr/bin/env perl
# spf-rfc7208.t - postern-spf against the published test suite of RFC 7208 (203 cases): no wrong pass, and
# at least 198 right. POSTERN_SPF_SUITE names the suite's file.
use v5.36;
use Postern::Dns qw(spf_suite);
use Postern::Spf;
use Postern::Test qw(must_have source_dir);
use Test::More;

use constant { CASES => 203, RIGHT_LEAST => 198 };

my $path = $ENV{POSTERN_SPF_SUITE} // source_dir() . '/../shared/spf/rfc7208-tests.yml';
must_have('spf-suite', -r $path, "no SPF test suite: POSTERN_SPF_SUITE, or $path");

my ($n_cases, $n_right, @passes) = (0, 0);
for my $scenario (spf_suite($path)) {
    my $dns   = Postern::Dns->start(zone => $scenario->{zone});
    my $spf   = Postern::Spf->start(server => $dns->at, try_ms => 250, tries => 1);
    my $right = 0;
    for my $case (@{ $scenario->{tests} }) {
        my $got = $spf->check(@$case{qw(host helo mailfrom)});
        if (grep { $_ eq $got->{result} } @{ $case->{results} }) {
            $right++;
        } else {
            diag("$scenario->{name}: $case->{name}: $got->{result}, not @{ $case->{results} }: "
                    . $got->{explanation});
            push @passes, $case->{name} if $got->{result} eq 'pass';
        }
    }
    my $n = @{ $scenario->{tests} };
    note("$scenario->{name}: $right of $n");
    is($spf->n_died, 0, "$scenario->{name}: no child died");
    $n_cases += $n;
    $n_right += $right;
}
is($n_cases, CASES, 'the whole suite was read');
is("@passes", '', 'no wrong pass');
cmp_ok($n_right, '>=', RIGHT_LEAST, "right: $n_right of $n_cases");
done_testing;
