#!/usr/bin/env perl
# e2e-gate.t - a real Postfix asks posternd at RCPT TO, and refuses what was guessed or is no longer
# valid; no bounce is ever written
use v5.36;
use IO::Socket::UNIX;
use Test::More;
use Postern::LMTP;
use Postern::Mail qw(mail);
use Postern::Postfix;
use Postern::Sink;
use Postern::Test qw(free_port run slurp source_dir spew wait_until);
use Time::HiRes qw(time);

use constant { GUESSES => 1000, IDLE => 200, LIMIT => 100, QUESTION_S => 10 };

Postern::Postfix->needed;
my $world = Postern::Sink->start;    # the rest of the internet
my ($lmtp_port, $policy_port) = (free_port(), free_port());
my $pf = Postern::Postfix->new(
    relay_port => $world->port,
    set        => {
        relay_recipient_maps   => 'inline:{ {info@example.org=x} }',
        smtpd_soft_error_limit => 2 * GUESSES,
        smtpd_hard_error_limit => 2 * GUESSES,
        smtpd_recipient_limit  => 2 * GUESSES,
    }
);
my $desk = Postern::Test->start(
    public    => 1,
    lmtp_port => $lmtp_port,
    smtp_port => $pf->port,
    set       => {
        lmtp_socket_mode => '0666',
        policy_listen    => "inet:127.0.0.1:$policy_port",
        gate_idle_s      => '600s',
    }
);
my $door = $desk->dir . '/run/socketmap';
my $etc  = $pf->config_dir;
my ($status, $out, $err) = run($^X, source_dir() . '/contrib/postern-postfix', 'add', '-c', $etc,
    'support@example.org', '--lmtp', "inet:127.0.0.1:$lmtp_port", '--check', "unix:$door");
is($status, 0, 'wired') or diag $err;

# As Debian has it: smtpd in a chroot, where that socket is not to be seen.
spew("$etc/master.cf", slurp("$etc/master.cf") =~ s/^(\S+ inet n - )n( .* smtpd)$/$1y$2/mr);
like(slurp("$etc/master.cf"), qr/ inet n - y - - smtpd$/m, 'in a chroot');
$pf->start;

# The replies of Postfix to RCPT TO for each address, in one conversation.
sub rcpt (@to) {
    my $c = Postern::LMTP->connect('inet:127.0.0.1:' . $pf->port);
    $c->say('EHLO client.test');
    $c->say('MAIL FROM:<mallory@evil.test>');
    my @replies = map { $c->say("RCPT TO:<$_>") } @to;
    $c->say('RSET');
    $c->quit;
    return wantarray ? @replies : $replies[0];
}

sub codes (@to) {
    my %n;
    $n{"$_->{code} " . ($_->{text} =~ /^(\d\.\d\.\d)/)[0]}++ for rcpt(@to);
    return \%n;
}

sub random_tag () { return join '', map { ('a' .. 'z', 2 .. 7)[ rand 32 ] } 1 .. 13 }

my ($ref, $reply_to);
subtest 'a customer gets an address of her own' => sub {
    my $sent = $pf->send(from => 'ada@customer.test', mail => mail(from => 'ada@customer.test'));
    is($sent->{code}, 250, 'a mail to the queue is taken');
    my ($ack) = $world->wait_for(1);
    ok($ack, 'and acknowledged') or BAIL_OUT($desk->log . $pf->log);
    ($ref) = $ack->{octets} =~ /^Subject:.*\[(ACM-\d+)\]/m;
    ($reply_to) = $ack->{octets} =~ /^Reply-To:[^\n]*?([^\s<]+\+[^\s>]+\@example\.org)/mi;
    like($reply_to // '', qr/^support\+\Q\L$ref\E\E-[a-z2-7]{13}\@/, 'Reply-To')
        or BAIL_OUT($ack->{octets});
};

subtest 'what may come in, and what not, in the SMTP session' => sub {
    my ($number) = $reply_to =~ /\+(acm-\d+)-/;
    my $other = $reply_to =~ s/.(\@)/$& eq 'a@' ? 'b@' : 'a@'/er;
    is(rcpt($_)->{code}, 250, $_)
        for 'support@example.org', 'support+news@example.org', "support+$number\@example.org",
        $reply_to, uc($reply_to), 'info@example.org', 'info+x@example.org';
    is_deeply(codes($_), { '550 5.1.1' => 1 }, $_)
        for 'nobody@example.org', $other, 'support+acm-999-' . random_tag() . '@example.org',
        'support+held-drop-1-' . random_tag() . '@example.org',
        'support+held-release-1-' . random_tag() . '@example.org',
        'support+undelivered-1-' . random_tag() . '@example.org';
    like(rcpt($other)->{text}, qr/this reply address is not valid/, 'in words');
};

subtest 'guessing' => sub {
    my ($front) = $reply_to =~ /^(.*-)/;
    my @guesses = map { $front . random_tag() . '@example.org' } 1 .. GUESSES;
    is_deeply(codes(@guesses), { '550 5.1.1' => GUESSES }, GUESSES . ' tags, none comes in');
    my $counts = $desk->json('stats');
    cmp_ok($counts->{gate_refused}, '>=', GUESSES, 'all counted');
    like($desk->log, qr/gate door=socketmap table=access answer=invalid to="support/, 'and logged');
};

subtest 'a reply to that address lands on the ticket' => sub {
    my $reply = mail(from => 'ada@customer.test', to => $reply_to, subject => 'no number here');
    my $sent = $pf->send(from => 'ada@customer.test', to => $reply_to, mail => $reply);
    is($sent->{code}, 250, 'taken');
    ok(wait_until(20, sub { ($desk->tickets)[0]{n_messages} == 2 }), 'a second message');
    is(scalar(my @tickets = $desk->tickets), 1, 'of the same ticket');
};

subtest 'LMTP takes what has slipped through' => sub {
    my $c = $desk->client;
    $c->lhlo;
    $c->say('MAIL FROM:<mallory@evil.test>');
    my $forged = $reply_to =~ s/-\w{13}\@/'-' . random_tag() . '@'/er;
    is($c->say("RCPT TO:<$forged>")->{code}, 250, 'a reply address that is not valid');
    is($c->say('RCPT TO:<nobody@example.org>')->{code}, 550, 'but no unknown queue');
    $c->quit;
    like($desk->log, qr/came-in to="\Q$forged\E" answer=invalid/, 'with a word in the log');
};

subtest 'the policy service says the same' => sub {
    my $was = slurp("$etc/main.cf");
    my $forged = $reply_to =~ s/-\w{13}\@/'-' . random_tag() . '@'/er;
    $pf->set("postern_check=check_policy_service inet:127.0.0.1:$policy_port");
    $pf->reload;
    ok(wait_until(20, sub { rcpt($forged); $desk->log =~ /door=policy/ }), 'asked');
    is_deeply(codes($reply_to), { '250 2.1.5' => 1 }, 'a valid one');
    is_deeply(codes($forged),   { '550 5.1.1' => 1 }, 'a forged one');
    is_deeply(codes('info@example.org'), { '250 2.1.5' => 1 }, 'somebody else');
    like($desk->log, qr/: [0-9a-f.]+: gate door=policy table=policy answer=invalid .*from="mallory/,
        'with its instance and the sender');
    spew("$etc/main.cf", $was);
    $pf->reload;
};

# A question to the socketmap, as Postfix asks it; undef when there is no answer.
sub ask ($key) {
    my $s = IO::Socket::UNIX->new(Peer => $door) or return undef;
    local $SIG{PIPE} = 'IGNORE';
    my $question = "access $key";
    syswrite $s, length($question) . ":$question,";
    my $answer;
    return sysread($s, $answer, 4096) ? $answer : undef;
}

# Whether the other side has closed, and what it said before.
sub closed ($s, $seconds) {
    my $deadline = time + $seconds;
    while ((my $left = $deadline - time) > 0) {
        my $bits = '';
        vec($bits, fileno $s, 1) = 1;
        next unless select $bits, undef, undef, $left;
        return 1 unless sysread $s, my $octets, 65536;
    }
    return 0;
}

subtest 'hostile clients' => sub {
    my $connect = sub { IO::Socket::UNIX->new(Peer => $door) // die "$door: $!" };
    local $SIG{PIPE} = 'IGNORE';
    my %nonsense = (
        'garbage'          => "GET / HTTP/1.0\r\n\r\n",
        'a huge netstring' => '99999999999999999999:access ',
        'a large one'      => '5000:' . 'x' x 5000 . ',',
        'zeroes'           => "\0" x 100,
        'no name'          => '3:xyz,',
        'no end'           => '8:access a;',
    );
    for my $what (sort keys %nonsense) {
        my $s = $connect->();
        syswrite $s, $nonsense{$what};
        ok(closed($s, 5), "$what: cut off");
    }
    my $tcp = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$policy_port") or die $!;
    syswrite $tcp, 'x' x 100_000;
    ok(closed($tcp, 5), 'a line without an end: cut off');
    my $slow = $connect->();
    syswrite $slow, '30:acc';
    my $began = time;
    my @idle = map { $connect->() } 1 .. IDLE;
    my $mail = mail(from => 'bob@client.test');
    is($desk->deliver(from => 'bob@client.test', mail => $mail)->{code}, 250, 'LMTP goes on');
    is(scalar(grep { closed($_, 0.02) } @idle[ LIMIT .. IDLE - 1 ]), IDLE - LIMIT,
        'one too many is closed at once');
    ok(closed($slow, QUESTION_S + 5), 'half a question is waited for');
    cmp_ok(time - $began, '<', QUESTION_S + 5, 'for a short time');
    is(scalar(grep { closed($_, 1) } @idle), IDLE, 'as is one that never comes');
    like(ask('support@example.org') // '', qr/^8:OK DUNNO,$/, 'others are answered again');
    is(rcpt($reply_to)->{code}, 250, 'Postfix too');
};

subtest 'a key that is retired takes its addresses along' => sub {
    my ($letter) = $reply_to =~ /-(\w)\w{12}\@/;
    my ($code, $said, $words) = $desk->postern('key', 'rotate');
    is($code, 0, 'a new key') or diag $words;
    is(rcpt($reply_to)->{code}, 250, 'the old one is honoured');
    ($code, $said, $words) = $desk->postern('key', 'retire', $letter);
    is($code, 0, 'retired') or diag $words;
    is_deeply(codes($reply_to), { '550 5.1.1' => 1 }, 'and its addresses with it');
    is(rcpt('support@example.org')->{code}, 250, 'the queue is as ever');
};

subtest 'posternd away: not now, and never no' => sub {
    $desk->stop;
    for my $to ('support@example.org', $reply_to) {
        is(rcpt($to)->{code}, 451, "$to: put off");
    }
    is(rcpt('info@example.org')->{code}, 250, 'other mail does not wait');
    is(rcpt('nobody@example.org')->{code}, 550, 'nor does what Postfix knows by itself');
    $desk->up;
    is(rcpt('support@example.org')->{code}, 250, 'back again');
};

subtest 'no bounce was written' => sub {
    ok($pf->wait_empty, 'nothing waits in Postfix');
    unlike($pf->log, qr/sender non-delivery notification|status=bounced/, 'no bounce in its log');
    my @astray = grep { $_->{to}[0] !~ /^(?:ada\@customer|bob\@client)\.test$/ } $world->mails;
    is(scalar(@astray), 0, 'and nobody got mail who had not written') or diag explain \@astray;
};
is($pf->stop,   0, 'Postfix ends well');
is($desk->stop, 0, 'posternd too');
done_testing;
