#!/usr/bin/env perl
# e2e-postfix-lmtp.t - a real Postfix hands mail to posternd by LMTP, and takes what goes out
use v5.36;
use Test::More;
use Postern::Mail qw(mail bounce canary_mail canaries read_mail);
use Postern::Postfix;
use Postern::Sink;
use Postern::Test qw(free_port wait_until);

Postern::Postfix->needed;
my $world = Postern::Sink->start;    # the rest of the internet
my $lmtp_port = free_port();
my $pf = Postern::Postfix->start_new(
    lmtp       => "inet:127.0.0.1:$lmtp_port",
    relay_port => $world->port
);
my $desk = Postern::Test->start(public => 1, lmtp_port => $lmtp_port, smtp_port => $pf->port);
my @ada = (from => 'ada@customer.test', xclient => { ADDR => '192.0.2.7', NAME => 'mx.test' });

# The mails to an address that the world got, once there are n.
sub got ($to, $n) {
    my @mails;
    wait_until(20, sub {
        @mails = grep { $_->{to}[0] eq $to } $world->mails;
        @mails >= $n;
    });
    return @mails;
}

my $ref;
subtest 'a new mail is a ticket and an acknowledgement' => sub {
    is($pf->send(@ada, mail => canary_mail())->{code}, 250, 'Postfix takes it');
    ok($pf->wait_log(qr/to=<support\@example\.org>.*status=sent/), 'and hands it over');
    my ($ack) = got('ada@customer.test', 1);
    ok($ack, 'the acknowledgement came back through Postfix') or return diag $desk->log;
    is($ack->{from}, '', 'with the null sender');
    ($ref) = $ack->{octets} =~ /^Subject:.*\[(ACM-\d+)\]/m;
    ok($ref, 'with a number in the subject');
    like($ack->{octets}, qr/^Auto-Submitted: auto-replied/m, 'said to be automatic');
    my ($in_reply_to) = read_mail($ack->{octets})->{header}{'in-reply-to'}[0] // '';
    like($in_reply_to, qr/\@mail\.test>/, 'answers the mail');
    is(join(' ', grep { index($ack->{octets}, $_) >= 0 } canaries()), '', 'repeats no word of it');
    my @tickets = $desk->tickets;
    is(scalar @tickets, 1, 'one ticket');
    is($tickets[0]{ref}, $ref, 'of that number') or diag explain \@tickets;
};

subtest 'a reply with the number is a comment on it' => sub {
    my $reply = canary_mail(subject => "AW: [$ref] and more");
    is($pf->send(@ada, mail => $reply)->{code}, 250, 'taken');
    ok(wait_until(20, sub { ($desk->tickets)[0]{n_messages} == 2 }), 'two messages now');
    is(scalar(my @tickets = $desk->tickets), 1, 'still one ticket');
    my $shown = $desk->json('show', $ref);
    is($shown->{ticket}{ref}, $ref, 'postern show has it');
    is($shown->{messages}[1]{envelope}{client_address}, '192.0.2.7', 'XFORWARD came along');
};

subtest 'a bounce of the acknowledgement is a note on its ticket, and ends there' => sub {
    my ($ack) = got('ada@customer.test', 1);
    my $sent = $world->mails;
    my $bounce = bounce(to => 'support@example.org', about => $ack->{octets},
        address => 'ada@customer.test');
    is($pf->send(from => '', mail => $bounce)->{code}, 250, 'taken');
    ok(wait_until(20, sub { ($desk->tickets)[0]{n_messages} == 3 }), 'on the ticket')
        or diag $desk->log;
    is(scalar(my @tickets = $desk->tickets), 1, 'no ticket of its own');
    is(scalar(my @mails = $world->mails), $sent, 'nothing went out');
};

subtest 'posternd down: deferred; up: delivered once' => sub {
    my $before = $desk->tickets;
    $desk->stop;
    is($pf->send(from => 'bob@client.test', mail => mail(from => 'bob@client.test'))->{code}, 250,
        'Postfix takes it all the same');
    ok($pf->wait_log(qr/from=<bob\@client\.test>.*\n(?:.*\n)*?.*status=deferred/), 'and keeps it');
    is(scalar(my @waiting = $pf->queue), 1, 'in its queue');
    $desk->up;
    $pf->flush;
    ok($pf->wait_empty, 'the queue is empty again');
    is(scalar(my @tickets = $desk->tickets), $before + 1, 'one ticket more');
    is(scalar(got('bob@client.test', 1)), 1, 'one acknowledgement');
};

subtest 'killed and restarted: nothing is lost, nothing comes twice' => sub {
    my $before = $desk->tickets;
    my $mail = mail(from => 'eve@client.test');
    is($pf->send(from => 'eve@client.test', mail => $mail)->{code}, 250, 'taken');
    is(scalar(got('eve@client.test', 1)), 1, 'acknowledged');
    $desk->kill;
    $desk->up;
    is(scalar(my @tickets = $desk->tickets), $before + 1, 'it is there after kill -9');
    is($pf->send(from => 'eve@client.test', mail => $mail)->{code}, 250, 'the same mail again');
    ok($pf->wait_empty, 'is handed over');
    is(scalar(@tickets = $desk->tickets), $before + 1, 'and changes nothing');
    my $marker = mail(from => 'last@client.test');
    $pf->send(from => 'last@client.test', mail => $marker);
    got('last@client.test', 1);
    my @eves = got('eve@client.test', 1);
    my %ids = map { $_ => 1 } map { $_->{octets} =~ /^Message-ID: (\S+)/mi } @eves;
    is(scalar(keys %ids), 1, 'nor is it acknowledged again')
        or diag 'a copy of the same Message-ID would be well: kill -9 may come before its note';
};

subtest 'an answer lost at the final dot' => sub {
    my $before = $desk->tickets;
    my $mail = mail(from => 'rfc1047@client.test');
    my $client = $desk->client;
    $client->lhlo;
    $client->say($_) for 'MAIL FROM:<rfc1047@client.test>', 'RCPT TO:<support@example.org>', 'DATA';
    $client->raw(Postern::LMTP::dotted($mail));
    $client->close;    # without waiting for the 250
    ok(wait_until(20, sub { $desk->tickets == $before + 1 }), 'was committed all the same');
    my $again = $desk->deliver(from => 'rfc1047@client.test', mail => $mail);
    is($again->{code}, 250, 'comes again: 250');
    is(scalar(my @tickets = $desk->tickets), $before + 1, 'one ticket');
};

subtest 'Postfix away: notices wait, and go out later' => sub {
    $pf->stop;
    my $mail = mail(from => 'carl@client.test');
    is($desk->deliver(from => 'carl@client.test', mail => $mail)->{code}, 250, 'mail is taken');
    ok(wait_until(10, sub { $desk->log =~ /smtp|outbox|notice/i }), 'the log speaks of it');
    $pf->start;
    is(scalar(got('carl@client.test', 1)), 1, 'the acknowledgement goes out');
};
is($desk->stop, 0, 'posternd ends well');
done_testing;
