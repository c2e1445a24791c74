#!/usr/bin/env perl
# e2e-metrics.t - `postern stats --prometheus`, and the file for node_exporter: each line in the grammar of the
# text format, every figure announced once, and what is done is what is counted
use v5.36;
use Test::More;
use File::Temp qw(tempdir);
use Postern::Mail qw(mail bounce);
use Postern::Test qw(slurp wait_until);
use Postern::Sink;

my $sink = Postern::Sink->start;
my %set  = (
    'queue.support.address' => 'support@example.org', 'queue.support.prefix' => 'ACM',
    'queue.support.agents' => 'bob@example.org',
);
my $file = tempdir(CLEANUP => 1) . '/metrics.prom';
my $desk = Postern::Test->start(smtp_port => $sink->port, set => { %set, metrics_file => $file });

# Read the text by the grammar of the format, version 0.0.4; gives name{labels} => value.
sub read_metrics ($text) {
    my (%value, %type, %help, @bad);
    push @bad, 'no line end at the end' unless $text =~ /\n\z/;
    for (split /\n/, $text) {
        if (/^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\[\\n])+$/) {
            push @bad, "announced twice: $_" if $help{$1}++;
        } elsif (/^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$/) {
            push @bad, "typed twice or without help: $_" if $type{$1} || !$help{$1};
            $type{$1} = $2;
        } elsif (/^([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*"\})?) (\d+)$/) {
            my ($name, $labels, $number) = ($1, $2, $3);
            push @bad, "no type: $_" unless $type{$name};
            push @bad, "a counter is a _total: $_" if ($type{$name} // '') eq 'counter' && $name !~ /_total$/;
            push @bad, "twice: $_" if exists $value{"$name$labels"};
            $value{"$name$labels"} = $number;
        } else {
            push @bad, "no such line: $_";
        }
    }
    is(join("\n", @bad), '', 'each line is in the grammar');
    return \%value;
}

sub metrics () {
    my ($status, $out, $err) = $desk->postern('stats', '--prometheus');
    is($status, 0, 'stats --prometheus') or diag $err;
    return read_metrics($out);
}

my $before = metrics();
is($before->{"postern_$_"}, 0, "$_ is nought") for
    qw(filed_total accepted_total deferred_total outbox outbox_oldest_age_seconds spf_temperrors_total);
is($before->{'postern_held_total{cause="bounce"}'}, 0, 'causes are there before they happen');

my $mail = mail(subject => 'One');
like($desk->deliver(mail => $mail)->{text}, qr/filed/, 'a mail');
like($desk->deliver(mail => $mail)->{text}, qr/already/, 'and again');
my $loud = mail(subject => 'Auto', headers => [ [ 'Auto-Submitted', 'auto-replied' ] ]);
like($desk->deliver(mail => $loud)->{text}, qr/filed/, 'an automatic one');
my $bounce = bounce(to => 'support@example.org', address => 'x@y.test', about => mail());
like($desk->deliver(from => '', mail => $bounce)->{text}, qr/bounce/, 'a bounce of nothing');
my $after = metrics();
is($after->{postern_filed_total}, 2, 'filed');
is($after->{postern_duplicates_total}, 1, 'there already');
is($after->{postern_accepted_total}, 4, 'accepted');
is($after->{'postern_held_total{cause="bounce"}'}, 1, 'held, by cause');
is($after->{postern_held}, 1, 'and is held now');
cmp_ok($after->{'postern_suppressed_total{kind="acknowledgement"}'}, '>=', 1, 'no acknowledgement to a machine');
cmp_ok($after->{postern_commits_total}, '>=', $after->{postern_flushes_total}, 'commits share flushes');
cmp_ok($after->{'postern_parser_children_total{event="asked"}'}, '>=', 4, 'the parser was asked');
is($after->{'postern_parser_children_total{event="died"}'}, 0, 'and did not die');

ok(wait_until(20, sub { (slurp($file) // '') =~ /^postern_filed_total 2$/m }), 'the file follows');
my $in_file = read_metrics(slurp($file) // '');
is_deeply([ sort keys %$in_file ], [ sort keys %$after ], 'with the same figures');
is((stat $file)[2] & 0777, 0644, 'node_exporter may read it');
ok(!-e "$file.new", 'nothing half is left');
my ($status, $out, $err) = $desk->postern('stats', 'x');
is($status, 64, 'stats takes nothing else');
done_testing;
