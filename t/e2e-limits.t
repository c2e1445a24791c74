#!/usr/bin/env perl
# e2e-limits.t - mail bombs with a forged sender, floods, queues for verified senders only; the counts
# outlive a restart, and nothing that an attacker chose is sent
use v5.36;
use Test::More;
use Postern::Mail qw(mail read_mail);
use Postern::Sink;
use Postern::Test qw(wait_until);

use constant { QUEUE => 'support@example.org', BOB => 'bob@example.org', ANN => 'ann@example.org',
    VICTIM => 'victim@customer.test', BOMB => 500, ALL_CAP => 60, QUIET_S => 60 };

my $word = "buy$$";    # what the attacker wants to be read
my %set  = (
    'queue.support.address' => QUEUE, 'queue.support.prefix' => 'ACM',
    'queue.support.agents' => BOB . ',' . ANN,
    limit_unverified => '1d:3', limit_unverified_all => '1h:' . ALL_CAP, limit_same_subject => '3h:2',
    limit_recipient => '10m:30', limit_ticket => '10m:10',
);
my $sink = Postern::Sink->start;

sub start (%more) { return Postern::Test->start(smtp_port => $sink->port, set => { %set, %more }) }
sub spam ($from, $n) {
    return mail(from => qq("$word" <$from>), subject => "$word $n http://$word.test/",
        body => "$word $n\n");
}

# Deliver many over one connection; gives how often each reply came.
sub bomb ($desk, @from) {
    my ($client, %said, $n) = $desk->client;
    for my $from (@from) {
        my ($reply) = $client->deliver(from => $from, to => QUEUE, mail => spam($from, ++$n));
        $said{ $reply->{text} =~ /filed as/ ? 'filed' : $reply->{text} =~ /\((.+)\)$/ ? $1 : $reply->{text} }++;
    }
    $client->quit;
    ok(wait_until(QUIET_S, sub { !@{ $desk->json('outbox') } }), 'all that is owed is sent');
    return \%said;
}

sub sent_to ($address) { return grep { $_->{to}[0] eq $address } $sink->mails }
sub silent_about_word () {
    my @read = map { read_mail($_->{octets}) } $sink->mails;
    unlike(join('', map { $_->{raw} . $_->{body} . $_->{header}{subject}[0] } @read), qr/\Q$word\E/,
        'no word of the attacker is in what was sent');
    return;
}

subtest 'a bomb that forges one victim' => sub {
    my $desk = start(flood_sender => '1h:20');
    my $said = bomb($desk, (VICTIM) x BOMB);
    is_deeply($said, { filed => 20, flood => BOMB - 20 }, 'tickets up to the limit, the rest is held');
    cmp_ok(scalar sent_to(VICTIM), '<=', 3, 'few mails reach the victim');
    cmp_ok(scalar sent_to(VICTIM), '>=', 1, 'the first is acknowledged');
    is(scalar sent_to($_), 1, "$_ is told once") for BOB, ANN;
    my ($told) = sent_to(BOB);
    like(read_mail($told->{octets})->{body}, qr/flood_sender/, 'of a flood');
    silent_about_word();
    my $refs = [ map { $_->{ref} } $desk->tickets ];
    my @not = grep { $_->{what} eq 'not-told' } map { @{ $desk->json('log', $_) } } @$refs;
    is(scalar @not, 20 - sent_to(VICTIM), 'each that was not sent is on record');
    like($not[0]{detail}, qr/^acknowledgement to \Q@{[VICTIM]}\E: limit: \d+ in 1d/, 'with the limit');

    is($desk->json('stats')->{limited}, scalar @not, 'and counted');

    my $n = sent_to(VICTIM);
    $desk->restart;
    is_deeply(bomb($desk, VICTIM), { flood => 1 }, 'a restart forgets no flood');
    my ($first) = @{ $desk->json('held', 'list') };
    my ($status, $out, $err) = $desk->postern('held', 'release', $first->{held});
    is($status, 0, 'a held one is let through') or diag $err;
    like($out, qr/it is in ACM-/, 'as a ticket');
    ok(wait_until(QUIET_S, sub { !@{ $desk->json('outbox') } }), 'nothing is owed');
    is(scalar sent_to(VICTIM), $n, 'nor does it forget what was sent');
};

subtest 'a bomb that forges many victims' => sub {
    $sink->clear;
    my $desk = start(flood_domain => '');
    my @victims = map {"victim$_\@customer$_.test"} 1 .. BOMB;
    is_deeply(bomb($desk, @victims), { filed => BOMB }, 'each is filed');
    is(scalar $sink->mails, ALL_CAP, 'the cap over all of them holds');
    silent_about_word();
};

subtest 'a domain' => sub {
    $sink->clear;
    my $desk = start(flood_domain => '1h:5');
    is_deeply(bomb($desk, map {"u$_\@one.test"} 1 .. 9), { filed => 5, flood => 4 }, 'is stopped');
    is_deeply(bomb($desk, map {"u$_\@gmail.com"} 1 .. 9), { filed => 9 }, 'one of free mail is not');
};

subtest 'a queue for verified senders' => sub {
    $sink->clear;
    my $desk = start('queue.support.require_verified' => 'yes');
    is_deeply(bomb($desk, VICTIM), { unverified => 1 }, 'others are held');
    is(scalar $sink->mails, 0, 'and not answered');
    my ($h) = @{ $desk->json('held', 'list') };
    my ($status, $out, $err) = $desk->postern('held', 'release', $h->{held});
    is($status, 0, 'released') or diag $err;
    like($out, qr/it is in ACM-/, 'as a ticket');
};

subtest 'the same words again' => sub {
    $sink->clear;
    my $desk = start(limit_same_text => '3h:2');
    my ($reply) = $desk->deliver(from => VICTIM, mail => mail(from => VICTIM));
    my ($ref) = $reply->{text} =~ /(ACM-\d+)/;
    $desk->deliver(from => VICTIM, mail => mail(from => VICTIM, subject => "[$ref] $_", body => "I am  AWAY\n"))
        for 1 .. 5;
    ok(wait_until(QUIET_S, sub { !@{ $desk->json('outbox') } }), 'all is sent');
    is(scalar sent_to(BOB), 2, 'are told twice');
    is(scalar @{ $desk->json('show', $ref)->{messages} }, 6, 'and kept each time');
};

done_testing;
