#!/usr/bin/env perl
# cli-deliver.t - whatever is wrong with the words in master.cf, the customer's mail is not bounced
use v5.36;
use File::Temp qw(tempdir);
use Test::More;
use Postern::Test qw(program spew run);

use constant { EX_USAGE => 64, EX_TEMPFAIL => 75 };

my $postern = program('postern');
my $dir     = tempdir(CLEANUP => 1);
my $wrong   = spew("$dir/wrong.conf", "no_such_setting = 1\n");
my $mail    = "From: a\@x.test\nMessage-ID: <m\@x.test>\n\nbody\n";
my @words   = qw(-f a@x.test -- help@x.test);
my @nowhere = ('-L', "unix:$dir/nobody-listens");

my %table = (
    'an unknown global option'          => ['-x', 'deliver', @words],
    'an unknown long one'               => ['--colour', 'deliver', @words],
    'a global option without its value' => ['deliver', '-c'],
    'a configuration that is not there' => ['-c', "$dir/absent.conf", 'deliver', @words],
    'one that is wrong'                 => ['-c', $wrong, 'deliver', @words],
    'one that is a directory'           => ['-c', $dir, 'deliver', @words],
    'the same behind the command'       => ['deliver', '-c', $wrong, @words],
    'a wrong override'                  => ['-o', 'no_such_setting=1', 'deliver', @words],
    'an override that is none'          => ['-o', 'word', 'deliver', @words],
    'another command in front'          => ['delivery', 'deliver', @words],
    'a command that takes no such word' => ['stats', 'deliver', @words],
    'help'                              => ['--help', 'deliver', @words],
    'help behind the command'           => ['deliver', '--help', @words],
    'the version'                       => ['-V', 'deliver', @words],
    'an unknown option of the command'  => ['deliver', '--wrong', @words],
    'a time limit that is none'         => ['deliver', '--time-limit', 'soon', @words],
    'no recipient'                      => ['deliver', '-f', 'a@x.test', '--'],
    'no sender'                         => ['deliver', '--', 'help@x.test'],
    'nothing'                           => ['deliver'],
    'nobody listens'                    => ['deliver', @nowhere, @words],
);
for my $what (sort keys %table) {
    my ($status) = run({ in => $mail }, $postern, $table{$what}->@*);
    is($status, EX_TEMPFAIL, "$what: later, never a bounce");
}

my ($status) = run($postern, '-x', 'list', '--', 'deliver');
is($status, EX_USAGE, 'a recipient of that name is no command');
done_testing;
