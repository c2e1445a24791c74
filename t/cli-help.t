#!/usr/bin/env perl
# cli-help.t - each command tells how it is used, without a daemon
use v5.36;
use Test::More;
use Postern::Test qw(program run);

my $postern = program('postern');
my ($status, $all) = run($postern, '--help');
is($status, 0, 'postern --help');
my @commands = $all =~ /^  postern (\w+)/mg;
cmp_ok(scalar @commands, '>', 10, 'names the commands');

for my $name (grep { $_ ne 'deliver' } @commands) {
    my ($status, $out, $err) = run($postern, $name, '--help');
    is($status, 0, "postern $name --help");
    like($out, qr/\AUsage: postern \Q$name\E\b/, 'says how it is used');
    unlike($out, qr/postern (?!\Q$name\E)\w+/, 'and nothing of the others');
    is($err, '', 'without a complaint');
}

($status, my $out) = run($postern, 'show', 'REF', '--help');
is($status, 0, 'behind other words too');
like($out, qr/\AUsage: postern show REF/, 'the same text');
done_testing;
