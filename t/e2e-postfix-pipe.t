#!/usr/bin/env perl
# e2e-postfix-pipe.t - a real Postfix hands mail to `postern deliver` by pipe(8), and no fault of
# ours makes it bounce
use v5.36;
use Test::More;
use Postern::Mail qw(mail);
use Postern::Postfix;
use Postern::Sink;
use Postern::Test qw(free_port wait_until run program spew);

Postern::Postfix->needed;
my $world = Postern::Sink->start;
my $lmtp_port = free_port();
my $lmtp = "inet:127.0.0.1:$lmtp_port";
my $pf = Postern::Postfix->new(pipe => ['/bin/false'], relay_port => $world->port);
my $postern = $pf->public_program('postern');
my $conf = spew($pf->dir . '/postern.conf', '');

# Let pipe(8) run a command from now on.
sub pipe_to (@command) {
    my ($status, $out, $err) = $pf->tool_run('postconf', '-M',
        "postern/unix=postern unix - n n - 10 pipe flags=q null_sender= user=nobody argv=@command");
    die $err if $status;
    return;
}
my @deliver = ('deliver', '-c', $conf, '-L', $lmtp, '--time-limit', 20, '-f', '${sender}',
    '--client-address', '${client_address}', '--client-name', '${client_hostname}',
    '--helo', '${client_helo}', '--queue-id', '${queue_id}', '--login', '${sasl_username}',
    '--', '${recipient}');
pipe_to($postern, @deliver);
$pf->start;
my $desk = Postern::Test->start(public => 1, lmtp_port => $lmtp_port, smtp_port => $pf->port);

sub from_client ($from) {
    my $xclient = { ADDR => '192.0.2.9', NAME => 'mx.client.test' };
    return $pf->send(from => $from, xclient => $xclient, mail => mail(from => $from))->{code};
}

# How the delivery to support@ ended that began after this point of the log.
sub outcome_after ($at) {
    return wait_until(30, sub { substr($pf->log, $at) =~ /to=<support.*status=(\w+)/ ? $1 : '' });
}

subtest 'a mail becomes a ticket' => sub {
    my $at = length $pf->log;
    is(from_client('ada@customer.test'), 250, 'Postfix takes it');
    is(outcome_after($at), 'sent', 'and the pipe too') or diag $pf->log;
    is(scalar(my @tickets = $desk->tickets), 1, 'one ticket');
    ok($world->wait_for(1), 'acknowledged');
    my ($message) = @{ $desk->json('show', $tickets[0]{ref})->{messages} };
    is($message->{envelope}{client_address}, '192.0.2.9', 'the client address came along');
    is($message->{envelope}{login}, '', 'nobody logged in');
};

subtest 'the null sender stays null' => sub {
    my $before = $desk->tickets;
    my $at = length $pf->log;
    is(from_client(''), 250, 'taken');
    is(outcome_after($at), 'sent', 'delivered');
    my $n = $world->mails;
    from_client('marker@customer.test');
    ok($world->wait_for($n + 1), 'a later mail is acknowledged');
    is(scalar(grep { $_->{to}[0] =~ /mailer-daemon/i } $world->mails), 0, 'it is not');
};

subtest 'posternd away: deferred, then delivered once' => sub {
    my $before = $desk->tickets;
    $desk->stop;
    my $at = length $pf->log;
    is(from_client('bob@customer.test'), 250, 'taken');
    is(outcome_after($at), 'deferred', 'kept by Postfix');
    $desk->up;
    $pf->flush;
    ok($pf->wait_empty, 'delivered');
    is(scalar(my @tickets = $desk->tickets), $before + 1, 'once');
};

# Run `postern deliver` by hand, as pipe(8) would. Gives (exit status, what it printed).
sub deliver_by_hand ($how, @args) {
    my @command = ($postern, 'deliver', @args);
    my ($status, $out, $err) = run({ in => mail(), seconds => 30, %$how }, @command);
    return ($status, $out . $err);
}
my @rcpt = ('--', 'support@example.org');
my @ada  = ('-c', $conf, '-f', 'ada@customer.test');

# Whatever is wrong on our side, Postfix must keep the mail.
my %fault = (
    'nobody listens'   => [ @ada, '-L', 'inet:127.0.0.1:1' ],
    'no configuration' => [ '-c', '/nowhere/postern.conf', '-f', 'x' ],
    'a wrong option'   => ['--no-such-option'],
    'a bad place'      => [ @ada, '-L', 'nonsense' ],
    'a bad time limit' => [ @ada, '-L', $lmtp, '--time-limit', 'soon' ],
    'a line end in -f' => [ '-c', $conf, '-L', $lmtp, '-f', "x\r\nRSET" ],
);
for my $what (sort keys %fault) {
    my ($status, $words) = deliver_by_hand({}, @{ $fault{$what} }, @rcpt);
    ok($status == 75 || $status == 71, "$what: exit status 75 or 71") or diag "$status: $words";
    unlike($words, qr/^5\.\d+\.\d+/, "$what: no words that would bounce it");
    isnt($words, '', "$what: says why");
}

subtest 'a server that hangs: gives up before Postfix does' => sub {
    my $hang = Postern::Sink->start;
    $hang->behave(end => 'hang');
    my @there = ('-L', 'inet:127.0.0.1:' . $hang->port, '--time-limit', 2);
    my ($status, $words) = deliver_by_hand({}, @ada, @there, @rcpt);
    is($status, 75, 'exit status') or diag $words;
};

subtest 'octets go through untouched' => sub {
    my $keep  = Postern::Sink->start;
    my @lines = ('Subject: x', '', '.', '..', '.dot', "\xff\xfe 8 bit", 'tail' . 'x' x 2000);
    my @there = ('-L', 'inet:127.0.0.1:' . $keep->port);
    my ($status, $words) = deliver_by_hand({ in => join "\n", @lines, '' }, @ada, @there, @rcpt);
    is($status, 0, 'exit status') or diag $words;
    my ($mail) = $keep->wait_for(1);
    is($mail->{octets}, join("\r\n", @lines, ''), 'every line is as it was, with CR LF');
    is($mail->{to}[0], 'support@example.org', 'the recipient too');
};

subtest 'a recipient that is none' => sub {
    my ($status, $words) = deliver_by_hand({}, @ada, '-L', $lmtp, '--', 'nobody@example.net');
    like($words, qr/^[45]\.\d+\.\d+ /, 'the words begin with an enhanced code');
    ok($status == 67 || $status == 75, 'exit status says the same') or diag $status;
};
is($desk->stop, 0, 'posternd ends well');
done_testing;
