#!/usr/bin/env perl
# e2e-loop.t - two Posterns that write to each other stop: with all marks of automatic mail, without
# any, and without a trace of the thread; and one that writes to a real vacation responder
use v5.36;
use Test::More;
use Postern::Mail qw(mail message_id read_mail);
use Postern::Dovecot;
use Postern::Sink;
use Postern::Test qw(wait_until);
use Time::HiRes qw(sleep);

use constant { ROUNDS => 40, ROUND_S => 0.25, QUIET_ROUNDS => 6, QUIET_S => 30 };

# A desk, with what it sends.
sub side ($name, %more) {
    my $sink = Postern::Sink->start;
    my $desk = Postern::Test->start(smtp_port => $sink->port, set => {
        instance => "$name.test", 'queue.support.address' => "support\@$name.test",
        'queue.support.prefix' => uc $name, 'queue.support.agents' => "agent\@$name.test",
        map({ ($_ => default($_)) } qw(limit_ticket limit_recipient limit_unverified
            limit_acknowledgements limit_unverified_all limit_same_subject limit_same_text)),
        %more,
    });
    return { name => $name, address => "support\@$name.test", desk => $desk, sink => $sink, seen => 0 };
}

# What a site has that set nothing.
sub default ($name) {
    return { limit_ticket => '10m:10 30m:15 1h:25 3h:50 10h:100', limit_recipient => '10m:30 30m:60',
        limit_acknowledgements => '1d:40', limit_unverified => '1d:3', limit_unverified_all => '1h:500',
        limit_same_subject => '3h:2', limit_same_text => '3h:2' }->{$name};
}

# The ways in which a relay may pass mail on.
my %relay = (
    'as it is' => sub ($m) { return $m },
    'without the marks' => sub ($m) {
        my ($head, $body) = split /\r\n\r\n/, $m->{octets}, 2;
        $head = join "\r\n", grep { !/^(?:Auto-Submitted|Precedence|List-[\w-]+|X-[\w-]+):/i }
            split /\r\n(?![ \t])/, $head;
        my ($from) = $head =~ /^From:.*?([^\s<>]+\@[^\s<>]+)/m;
        return { %$m, from => $from, octets => "$head\r\n\r\n$body" };
    },
);
$relay{'without marks and thread'} = sub ($m) {
    $m = $relay{'without the marks'}->($m);
    my ($head, $body) = split /\r\n\r\n/, $m->{octets}, 2;
    $head = join "\r\n", grep { !/^(?:In-Reply-To|References|Reply-To|Message-ID):/i } split /\r\n(?![ \t])/, $head;
    $head =~ s/\[[A-Z]+-\d+\]\s*//g;
    s/\b[A-Z]+-\d+\b/a request/g for $head, $body;
    return { %$m, octets => "$head\r\nMessage-ID: " . message_id() . "\r\n\r\n$body" };
};

# Carry mail between the two until neither has written for a while; gives how many were carried.
sub carry ($way, @side) {
    my ($n, $quiet) = (0, 0);
    for (1 .. ROUNDS) {
        my $before = $n;
        for my $i (0, 1) {
            my ($from, $to) = @side[ $i, 1 - $i ];
            my @mails = $from->{sink}->mails;
            for my $m (@mails[ $from->{seen} .. $#mails ]) {
                next if $m->{to}[0] ne $to->{address};
                my $passed = $relay{$way}->($m);
                $to->{desk}->deliver(from => $passed->{from}, to => $to->{address}, mail => $passed->{octets});
                $n++;
            }
            $from->{seen} = @mails;
        }
        $quiet = $n == $before ? $quiet + 1 : 0;
        last if $quiet == QUIET_ROUNDS;
        sleep ROUND_S;
    }
    return ($n, $quiet == QUIET_ROUNDS);
}

# Let one of them begin; gives how many mails followed, and whether both fell silent.
sub begin ($way, %set) {
    my @side = map { side($_, %set) } qw(left right);
    $side[0]{desk}->deliver(from => $side[1]{address}, to => $side[0]{address},
        mail => mail(from => $side[1]{address}, to => $side[0]{address}, subject => 'Hello'));
    return carry($way, @side);
}

for my $way (sort keys %relay) {
    my ($n, $silent) = begin($way);
    ok($silent, "$way: they fall silent");
    cmp_ok($n, '>=', 1, "$way: the first mail is answered");
    cmp_ok($n, '<=', $way eq 'as it is' ? 1 : 10, "$way: $n mails");
}

my ($n) = begin('without marks and thread', limit_unverified => '', limit_same_subject => '', limit_ticket => '',
    limit_recipient => '', limit_acknowledgements => '');
cmp_ok($n, '>', 10, "without limits they would not stop: $n mails, and it was the limits that stopped them");

Postern::Dovecot->needed;
my $sink    = Postern::Sink->start;
my $dovecot = Postern::Dovecot->start_new(relay_port => $sink->port,
    sieve => qq(require ["vacation"];\nvacation :days 1 :subject "Away" "I am on holiday.";\n));
my $desk = Postern::Test->start(smtp_port => $sink->port, set => {
    'queue.support.address' => 'support@example.org', 'queue.support.prefix' => 'ACM',
    map { $_ => default($_) } qw(limit_ticket limit_recipient limit_unverified limit_same_subject) });
my $ada = $dovecot->address;
my %seen;
my $n_away = 0;
$desk->deliver(from => $ada, to => 'support@example.org', mail => mail(from => $ada, subject => 'Before my holiday'));
for (1 .. ROUNDS) {
    for my $m ($sink->mails) {
        next if $seen{ $m->{octets} }++;
        if ($m->{to}[0] eq $ada) {
            $dovecot->deliver(from => $m->{from}, mail => $m->{octets});
        } else {
            $n_away++;
            $desk->deliver(from => $m->{from}, to => $m->{to}[0], mail => $m->{octets});
        }
    }
    sleep ROUND_S / 2;
}
is(scalar(grep { $_->{to}[0] eq $ada } $sink->mails), 1, 'a vacationer gets one acknowledgement');
cmp_ok($n_away, '<=', 1, 'and answers it once at most');

# The responder may have been silent because of our marks alone; without them it answers.
my ($ack) = grep { $_->{to}[0] eq $ada } $sink->mails;
my $as_person = $relay{'without the marks'}->($ack);
$sink->clear;
$dovecot->deliver(from => 'support@example.org',
    mail => $as_person->{octets} =~ s/^To:.*$/To: $ada\r/mr);
my ($away) = grep { $_->{to}[0] ne $ada } $sink->wait_for(1, QUIET_S);
ok($away, 'the responder answers a person') or diag $dovecot->log;
if ($away) {
    $desk->deliver(from => $away->{from}, to => 'support@example.org', mail => $away->{octets});
    sleep 1;
    my @all = map { @{ $desk->json('show', $_->{ref})->{messages} } } $desk->tickets;
    is(scalar(grep { $_->{class} eq 'auto' } @all), 1, 'its answer is kept, as automatic');
    is(scalar(grep { $_->{to}[0] eq $ada } $sink->mails), 0, 'and never answered');
}
done_testing;
