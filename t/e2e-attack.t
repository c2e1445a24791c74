#!/usr/bin/env perl
# e2e-attack.t - P4: what strangers and forgers send lands where it belongs, tells nobody who should not know,
# and is never lost. Each attack says where its mail lands and who is written to; that the people, the subject
# and the text of the ticket stay unknown to the attacker is looked for in all of them
use v5.36;
use utf8;
use Encode qw(encode);
use Test::More;
use Postern::Dns;
use Postern::Mail qw(mail bounce read_mail message_id);
use Postern::Sink;
use Postern::Test qw(wait_until);

use constant {
    QUEUE => 'support@example.org', BOB => 'bob@victim.test', CAROL => 'carol@victim.test',
    DAVE => 'dave@nospf.test', MALLORY => 'mallory@evil.test', AGENT => 'agent@desk.test',
    SHARED => 'agent@shared.test', LOOSE => 'agent@loose.test', POSTMASTER => 'postmaster@example.org',
    N_GUESSES => 1000, GUESSES_PER_MAIL => 40,
};
my @agents = (AGENT, SHARED, LOOSE);
my %client = (
    'victim.test' => '192.0.2.10', 'desk.test' => '192.0.2.20', 'evil.test' => '198.51.100.66',
    'shared.test' => '198.51.100.66', 'nospf.test' => '192.0.2.30', 'loose.test' => '192.0.2.40');
my $evil = $client{'evil.test'};
my %spf = map { $_ => [ [ TXT => "v=spf1 ip4:$client{$_} -all" ] ] } qw(victim.test desk.test evil.test shared.test);
my $dns = Postern::Dns->start(zone => { %spf, map { $_ => [ [ A => $client{$_} ] ] } qw(nospf.test loose.test) });

my $sink = Postern::Sink->start;
my $desk = Postern::Test->start(
    smtp_port => $sink->port,
    set       => {
        'queue.support.address' => QUEUE, 'queue.support.prefix' => 'ACM',
        'queue.support.agents' => join(',', @agents),
        'queue.billing.address' => 'billing@example.org', 'queue.billing.prefix' => 'BIL',
        spf_check => 'yes', spf_server => $dns->at, authserv_id => 'mx.example.org',
    });

my $received = "Received: from x.test (x.test [$evil])\r\n\tby mx.example.org with ESMTP id 1;\r\n"
    . "\tWed, 01 Jul 2026 10:00:00 +0000\r\n";

# What our own border found, above its own Received field.
sub by_border ($results, $mail) { return "Authentication-Results: mx.example.org; $results\r\n$received$mail" }

# What a sender wrote under our border's name, below it.
sub by_sender ($results, $mail) { return "${received}Authentication-Results: mx.example.org; $results\r\n$mail" }

# Wait until nothing is on its way any more; gives the mails sent since the n-th, but not the summary of held
# mail: when that goes is of no attack's making.
sub sent_since ($n) {
    wait_until(30, sub { !grep { !$_->{attempts} && $_->{to} ne POSTMASTER } @{ $desk->json('outbox') } })
        or diag 'the outbox does not empty';
    my @mails = $sink->mails;
    return grep { $_->{to}[0] ne POSTMASTER } @mails[ $n .. $#mails ];
}

# Deliver; gives where it went: { to => reference or "held:cause", text }
sub put (%m) {
    my ($domain) = $m{from} =~ /\@(.+)/;
    my ($reply) = $desk->deliver(
        from => $m{from}, to => $m{rcpt} // QUEUE, mail => $m{mail},
        xforward => { ADDR => $m{client} // $client{ $domain // '' } // $evil, HELO => 'x.test' });
    my $to = $reply->{text} =~ /filed as (\w+-\d+)/ ? $1 : $reply->{text} =~ /\((.+)\)$/ ? "held:$1" : '';
    return { to => $to, text => $reply->{text} };
}

# A mail of somebody who is who he says.
sub honest ($from, %m) { return put(from => $from, rcpt => $m{to}, mail => mail(from => $from, %m)) }

sub ids_of ($octets) {
    my $h = read_mail($octets)->{header};
    my ($address) = ($h->{'reply-to'} // [''])->[0] =~ /<(.+)>/;
    return { reply_to => $address, id => $h->{'message-id'}[0] };
}

# ---- the victims ----

my %secret_mail = (subject => 'Zweigstelle subjsecret', body => "My words: bodysecret\n", headers => [ [ Cc => CAROL ] ]);
my $bob_id = message_id();
my $ref = put(from => BOB, mail => mail(%secret_mail, from => 'Bob Namesecret <' . BOB . '>', id => $bob_id))->{to};
my $dave_id = message_id();
my $dave_ref = honest(DAVE, subject => 'subjsecret of Dave', body => "bodysecret\n", id => $dave_id)->{to};
my %of;    # address => what he was sent of the first ticket
my ($to_dave, @first);
{
    my ($ack) = grep { $_->{to}[0] eq BOB } @first = sent_since(0);
    ($to_dave) = map { ids_of($_->{octets}) } grep { $_->{to}[0] eq DAVE } @first;
    $of{ +BOB } = ids_of($ack->{octets});
    my $agents_own = put(from => AGENT, mail => by_border('dmarc=pass header.from=desk.test',
        mail(from => AGENT, subject => "[$ref]", body => "bodysecret\n")));
    is($agents_own->{to}, $ref, 'an agent who is proven by DMARC answers');
    honest(BOB, subject => 'thanks', to => $of{ +BOB }{reply_to}, body => "bodysecret\n");
    $of{ $_->{to}[0] } //= ids_of($_->{octets}) for sent_since(scalar @first);
    ok($of{$_}{reply_to}, "$_ has a reply address of his own") for BOB, CAROL, @agents;
    my %unlike = map { $_->{reply_to} => 1 } values %of;
    is(scalar keys %unlike, 5, 'each another');
}
my $show   = $desk->json('show', $ref);
my ($number) = $ref =~ /-(\d+)\d$/;
is($show->{ticket}{organisation}, 'victim.test', 'a ticket of a verified sender has his organisation');
is($desk->json('show', $dave_ref)->{ticket}{organisation}, undef, 'one of a sender who is not has none');
is_deeply([ map { $_->{sender} } @{ $show->{messages} } ], [ ('verified') x 3 ], 'all of them proven');
like($show->{messages}[0]{because}, qr/sender verified: spf pass for victim\.test/, 'with the reasons');

my %people = map { $_ => [ map { $_->{address} } @{ $desk->json('show', $_)->{ticket}{participants} } ] } $ref, $dave_ref;
my @secrets = (BOB, CAROL, DAVE, @agents, 'Namesecret', 'subjsecret', 'bodysecret', 'Zweigstelle');
my %friend = map { $_ => 1 } BOB, CAROL, DAVE, @agents;
my $n_attacks = 0;

# The words that stand in a mail, however they are encoded there, that the attacker should not see.
sub leaks ($mail, %knows) {
    my $m    = read_mail($mail->{octets});
    my $all  = join "\n", $mail->{octets}, $m->{body}, map { @$_ } values %{ $m->{header} };
    return grep { !$knows{$_} && $all =~ /\Q$_\E/i } @secrets;
}

# Whether the store has these octets: in the ticket, or held.
sub is_kept ($went, $octets) {
    my @where = $went->{to} =~ /^held/
        ? ('held', 'export', $desk->json('held', 'list')->[-1]{held})
        : ('show', $went->{to}, '--raw', $desk->json('show', $went->{to}, '--no-text')->{ticket}{n_messages});
    my (undef, $kept) = $desk->postern(@where);
    return $kept eq $octets;
}

# One attack.
# Takes   from, rcpt, client, mail   what is sent
#         lands   "new", "linked", "comment" (in the ticket `in`), "held:cause"
#         told    addresses that are written to
#         knows   words that the attacker wrote himself
# Gives   { to, mail => how the last mail of its ticket is shown }
sub attack ($what, %a) {
    my ($in, $went) = ($a{in} // $ref);
    subtest encode('UTF-8', $what) => sub {
        my $n_before = () = $sink->mails;
        my $n_in = $desk->json('show', $in, '--no-text')->{ticket}{n_messages};
        $went = put(%a);
        my @sent = sent_since($n_before);
        my $shown = $went->{to} =~ /^\w+-\d+$/ ? $desk->json('show', $went->{to}, '--no-text') : undef;
        my $lands = $went->{to};
        $lands = $went->{to} eq $in ? 'comment' : $shown->{ticket}{linked} ? 'linked' : 'new' if $shown;
        is($lands, $a{lands}, 'where it lands') or diag $went->{text};
        is($shown->{ticket}{linked}, $in, 'the agents see which ticket it names') if $a{lands} eq 'linked';
        is_deeply([ sort map { @{ $_->{to} } } @sent ], [ sort @{ $a{told} } ], 'who is told');
        my %knows = map { $_ => 1 } @{ $a{knows} // [] };
        is_deeply([ map { leaks($_, %knows) } grep { !$friend{ $_->{to}[0] } } @sent ], [], 'and learns nothing');
        ok(is_kept($went, $a{mail}), 'nothing is lost');
        for my $t ($ref, $dave_ref) {
            my $now = $desk->json('show', $t, '--no-text')->{ticket};
            is_deeply([ map { $_->{address} } @{ $now->{participants} } ], $people{$t}, "the people of $t");
        }
        my $now = $desk->json('show', $in, '--no-text')->{ticket};
        is($now->{n_messages}, $n_in + ($a{lands} eq 'comment'), 'its mails');
        $went->{mail} = $shown->{messages}[-1] if $shown;
        is("$went->{mail}{role} $went->{mail}{sender}", $a{as}, 'as whom') if $a{as};
    };
    $n_attacks++;
    return $went;
}

my @mallory = (from => MALLORY);
my @others  = (BOB, CAROL, @agents);    # of Bob's ticket, told of a comment of somebody else
sub from_mallory (%m) { return (@mallory, mail => mail(from => 'Mallory <' . MALLORY . '>', %m)) }

# ---- numbers and tags ----

subtest 'a thousand guessed tags' => sub {
    my $n_before = () = $sink->mails;
    my ($n, %went) = (0);
    my @letters = ('a' .. 'z', 2 .. 7);
    while ($n < N_GUESSES) {
        my @guess = map { "support+\L$ref\E-a" . join('', map { $letters[ rand @letters ] } 1 .. 12) . '@example.org' }
            1 .. GUESSES_PER_MAIL;
        $n += @guess;
        $went{ put(from => MALLORY, rcpt => $guess[0],
                mail => mail(from => MALLORY, to => join(",\r\n ", @guess), subject => 'guess'))->{to} }++;
    }
    ok(!$went{$ref}, "none of $n lands in the ticket");
    is(scalar keys %went, N_GUESSES / GUESSES_PER_MAIL, 'each mail has a ticket of its own');
    my @sent = sent_since($n_before);
    is_deeply([ grep { $_ ne MALLORY } map { @{ $_->{to} } } @sent ], [], 'the guesser alone is told of his own');
    is_deeply([ map { leaks($_) } @sent ], [], 'and learns nothing');
    is(scalar @{ $desk->json('show', $ref)->{messages} }, 3, 'the ticket is as it was');
};
attack('a guessed tag, From: the requester', lands => 'held:forged', told => [], from => BOB, client => $evil,
    rcpt => "support+\L$ref\E-abcdefghijklm\@example.org", mail => mail(from => BOB, to => QUEUE, subject => 'x'));
my $mistyped = substr($ref, 0, -1) . ((substr($ref, -1) + 3) % 10);
attack('a mistyped number', lands => 'new', told => [MALLORY], from_mallory(subject => "Re: [$mistyped]"));
attack('the number, of a stranger', lands => 'linked', told => [MALLORY], as => 'requester verified',
    from_mallory(subject => "Re: [$ref] Zweigstelle"), knows => ['Zweigstelle']);
attack('the number, of a colleague', lands => 'linked', told => ['cecil@victim.test'], as => 'requester verified',
    from => 'cecil@victim.test', mail => mail(from => 'cecil@victim.test', subject => "[$ref]"));
attack("the number under another queue's prefix", lands => 'new', told => [MALLORY],
    from_mallory(subject => 'Re: [' . ($ref =~ s/ACM/BIL/r) . ']'));
attack("the number to another queue's address", lands => 'linked', told => [MALLORY],
    rcpt => 'billing@example.org', from_mallory(subject => "Re: [$ref]", to => 'billing@example.org'));
attack("another queue's address with a guessed tag", lands => 'linked', told => [MALLORY],
    rcpt => "billing+\L$ref\E-abcdefghijklm\@example.org", from_mallory(to => 'billing@example.org'));

# ---- somebody else's reply address ----

# Who has it had the mail (DESIGN 8): what he adds is added, as a stranger's, and he is told nothing.
attack('a reply address of Bob, from another sender', lands => 'comment', told => \@others, as => 'stranger verified',
    rcpt => $of{ +BOB }{reply_to}, from_mallory(to => $of{ +BOB }{reply_to}));
attack('the same, with himself in Cc', lands => 'comment', told => \@others, rcpt => $of{ +BOB }{reply_to},
    from_mallory(to => $of{ +BOB }{reply_to}, headers => [ [ Cc => 'm2@evil.test, m3@evil.test' ] ]));
my ($refused) = grep { $_->{what} eq 'participants-refused' } reverse @{ $desk->json('log', $ref) };
like($refused->{detail} // '', qr/^2 in To and Cc: the sender is not on the ticket/, 'which is on record');
my %as_bob = (from => BOB, client => $evil);
attack('the same, From: Bob, whose SPF says no', lands => 'held:forged', told => [], %as_bob,
    rcpt => $of{ +BOB }{reply_to}, mail => mail(from => BOB, to => $of{ +BOB }{reply_to}));
attack('the same, by a sender of his own', lands => 'comment', told => [ CAROL, @agents ], as => 'requester verified',
    from => MALLORY, rcpt => $of{ +BOB }{reply_to}, mail => mail(from => BOB, to => $of{ +BOB }{reply_to}));
attack('the same, DMARC says no', lands => 'held:forged', told => [], from => MALLORY, rcpt => $of{ +BOB }{reply_to},
    mail => by_border('dmarc=fail header.from=victim.test', mail(from => BOB, to => $of{ +BOB }{reply_to})));
attack("Carol's reply address, From: Bob", lands => 'comment', told => [ CAROL, @agents ], as => 'requester unverified',
    from => MALLORY, rcpt => $of{ +CAROL }{reply_to},
    mail => mail(from => BOB, to => $of{ +CAROL }{reply_to}, headers => [ [ Cc => MALLORY ] ]));
for my $agent (@agents) {
    attack("$agent, to a reply address of Bob", lands => 'held:forged', told => [], from => $agent, client => $evil,
        rcpt => $of{ +BOB }{reply_to}, mail => mail(from => $agent, to => $of{ +BOB }{reply_to}));
}

# ---- forged From ----

for my $from (BOB, AGENT) {
    my $domain = $from =~ s/.*@//r;
    my %m = (from => $from, subject => "Re: [$ref]");
    attack("From: $from, the number, SPF fail", lands => 'held:forged', told => [], from => $from, client => $evil,
        mail => mail(%m));
    attack("From: $from, the number, DMARC fail", lands => 'held:forged', told => [], @mallory,
        mail => by_border("dmarc=fail header.from=$domain", mail(%m)));
    attack("From: $from, nothing named, SPF fail", lands => $from eq BOB ? 'new' : 'held:forged', told => [], from => $from, client => $evil,
        mail => mail(from => $from, subject => 'new'));
    attack("From: $from, a pass that he wrote himself", lands => 'held:forged', told => [], from => $from,
        client => $evil, mail => by_sender("dmarc=pass header.from=$domain", mail(%m)));
    attack("From: $from, his own pass below our fail", lands => 'held:forged', told => [], @mallory,
        mail => "Authentication-Results: mx.example.org; dmarc=fail header.from=$domain\r\n"
            . by_sender("dmarc=pass header.from=$domain", mail(%m)));
    attack("From: $from, passes for other domains", lands => 'held:forged', told => [], from => $from, client => $evil,
        mail => by_border('dmarc=pass header.from=evil.test; dkim=pass header.d=evil.test', mail(%m)));
    attack("From: $from, a pass of another server", lands => 'held:forged', told => [], from => $from, client => $evil,
        mail => by_border('none', mail(%m)) =~ s/mx\.example\.org; none/mx.example.org.evil.test; dmarc=pass header.from=$domain/r);
}
attack('From: an agent, the number, no SPF at all', lands => 'held:forged', told => [], from => LOOSE, client => $evil,
    mail => mail(from => LOOSE, subject => "[$ref]"));
attack("From: an agent, an id of ours", lands => 'held:forged', told => [], from => LOOSE, client => $evil,
    mail => mail(from => LOOSE, subject => 'x', reply_to_id => $of{ +BOB }{id}));
attack('From: an agent whose server is shared, the number, SPF pass', lands => 'held:forged', told => [],
    from => SHARED, mail => mail(from => SHARED, subject => "[$ref]"));
attack('From: an agent, contradictory passes', lands => 'held:forged', told => [], from => LOOSE, client => $evil,
    mail => 'Authentication-Results: mx.example.org; dmarc=fail header.from=loose.test' . "\r\n"
        . by_border('dmarc=pass header.from=loose.test', mail(from => LOOSE, subject => "[$ref]")));
# Nothing proves Dave, ever: his number is enough to add to his ticket, and for nothing else.
attack('From: a requester whom nothing proves, the number', in => $dave_ref, lands => 'comment', told => \@agents,
    as => 'requester unverified', from => DAVE, client => $evil,
    mail => mail(from => DAVE, subject => "[$dave_ref]", headers => [ [ Cc => MALLORY ], [ 'Reply-To' => MALLORY ] ]));
($refused) = grep { $_->{what} eq 'participants-refused' } @{ $desk->json('log', $dave_ref) };
is($refused->{detail}, '1 in To and Cc: nothing proves the sender', 'his Cc counts for nothing, on record');
attack('the same, with a pass below the border', in => $dave_ref, lands => 'comment', told => \@agents,
    as => 'requester unverified', from => DAVE, client => $evil,
    mail => by_sender('dmarc=pass header.from=nospf.test',
        mail(from => DAVE, subject => "[$dave_ref]", headers => [ [ Cc => MALLORY ] ])));

# ---- Reply-To, Cc ----

attack("Reply-To: $_", lands => 'new', told => [MALLORY], as => 'requester verified', knows => [ BOB, AGENT ],
    from_mallory(headers => [ [ 'Reply-To' => $_ ] ]))
    for BOB, AGENT, join(', ', map {"v$_\@victim.test"} 1 .. 10), 'all: ' . BOB . ', ' . AGENT . ';';
attack('From: Bob, SPF fail, Reply-To himself', lands => 'new', told => [], %as_bob,
    mail => mail(from => BOB, subject => 'x', headers => [ [ 'Reply-To' => MALLORY ] ]));
attack('Sender, Resent-From, X-Postern-Ticket', lands => 'new', told => [MALLORY], as => 'requester verified',
    from_mallory(headers => [ [ Sender => BOB ], [ 'Resent-From' => AGENT ], [ 'X-Postern-Ticket' => $ref ] ]));
attack('a stranger with the number and a Cc', lands => 'linked', told => [MALLORY],
    from_mallory(subject => "[$ref]", headers => [ [ Cc => 'm2@evil.test' ] ]));

# ---- ids ----

my @poison = map {"<$_\@y.test>"} 1 .. 498;
attack('a thousand References, with ids of other tickets', lands => 'linked', told => [MALLORY],
    from_mallory(references => [ @poison, $dave_id, @poison, $bob_id ]));
my $own = attack('a ticket of his own', lands => 'new', told => [MALLORY], from_mallory(subject => 'mine'));
my ($mine) = map { ids_of($_->{octets}) } grep { $_->{octets} =~ /$own->{to}/ } $sink->mails;
attack('his own reply address, ids of other tickets', lands => 'held:conflict', told => [],
    rcpt => $mine->{reply_to}, from_mallory(to => $mine->{reply_to}, references => [ @poison, $bob_id ]));
attack('his own ticket, the number of another', lands => 'held:conflict', told => [],
    from_mallory(reply_to_id => $mine->{id}, subject => "[$ref]"));
attack('his own tag with the number of another', lands => 'linked', told => [MALLORY],
    rcpt => $mine->{reply_to} =~ s/acm-\d+/\L$ref/r, from_mallory());
attack("Bob's tag with his own number", lands => 'new', told => [MALLORY], in => $ref,
    rcpt => $of{ +BOB }{reply_to} =~ s/acm-\d+/\L$mistyped/r, from_mallory());
attack('a Message-ID that claims to be ours', lands => 'held:loop', told => [],
    from_mallory(id => $of{ +BOB }{id} =~ s/\.a/.b/r));
attack('In-Reply-To with a guessed tag', lands => 'new', told => [MALLORY],
    from_mallory(reply_to_id => "<\L$ref\E.2.abcdefghijklm\@example.org>"));

subtest 'a Message-ID sent in advance' => sub {
    my $id = message_id();
    my $first = put(from_mallory(id => $id, subject => 'in advance'));
    my $mail = mail(from => BOB, id => $id, subject => 'subjsecret, the real one');
    my $real = put(from => BOB, mail => $mail);
    isnt($real->{to}, $first->{to}, 'the real mail has a ticket of its own');
    ok(is_kept($real, $mail), 'and is kept whole');
    my ($ack) = grep { $_->{octets} =~ /\[$real->{to}\]/ } sent_since(0);
    is($ack->{to}[0], BOB, 'its sender is told');
    my $ids = ids_of($ack->{octets});
    is(honest(BOB, subject => 'more', to => $ids->{reply_to}, reply_to_id => $ids->{id}, references => [ $id, $ids->{id} ])->{to},
        $real->{to}, 'and his answer lands there');
    is(scalar @{ $desk->json('show', $first->{to})->{messages} }, 1, 'the other one gets nothing');
    like(put(from_mallory(id => $id, subject => 'again'))->{to}, qr/^ACM/, 'a third one is kept as well');
    sent_since(0);
};

# ---- bounces ----

sub forged_bounce ($id) {
    return (from => '', client => $evil,
        mail => bounce(to => QUEUE, address => BOB, about => "Message-ID: $id\r\nFrom: support\@example.org\r\nSubject: [$ref]\r\n\r\n"));
}
attack('a bounce that names a chosen id', lands => 'held:bounce', told => [], forged_bounce($bob_id));
attack('a bounce that names a guessed id of ours', lands => 'held:bounce', told => [],
    forged_bounce("<\L$ref\E.2.abcdefghijklm\@example.org>"));
attack('a bounce with the id of his own ticket and the number of another', in => $own->{to}, lands => 'comment', told => [],
    forged_bounce($mine->{id}));

# ---- From that reads as somebody else ----

my %from = (
    'a homograph of an agent'          => "agent\@d\x{435}sk.test",
    'a full-width domain'              => "agent\@\x{ff44}\x{ff45}\x{ff53}\x{ff4b}.test",
    'a full-width at'                  => "agent\x{ff20}desk.test",
    'a domain with a zero-width space' => "agent\@desk\x{200b}.test",
    'a display name that is an agent'  => '"' . AGENT . '" <' . MALLORY . '>',
    'an encoded display name'          => '=?utf-8?q?agent=40desk.test?= <' . MALLORY . '>',
    'an encoded address'               => '<=?utf-8?q?agent=40desk.test?=>',
    'an encoded address and another'   => '=?utf-8?b?' . 'YWdlbnRAZGVzay50ZXN0' . '?= =?utf-8?q?=3Cx=40y=2Etest=3E?= <' . MALLORY . '>',
    'a comment'                        => MALLORY . ' (' . AGENT . ')',
    'two addresses'                    => AGENT . ', ' . MALLORY,
    'a group'                          => 'desk: ' . AGENT . ';',
    'a route'                          => '<@evil.test:' . AGENT . '>',
    'two at signs'                     => AGENT . '@evil.test',
    'a quoted local part'              => '"' . AGENT . '"@evil.test',
    'a bare address before the real'   => AGENT . ' <' . MALLORY . '>',
    'a domain with a last dot'         => 'agent@desk.test.',
);
for my $name (sort keys %from) {
    my $octets = encode('UTF-8', $from{$name});
    for my $second ([], [ [ From => AGENT ] ]) {
        my $n_before = () = $sink->mails;
        my $what = "From: $name" . (@$second ? ', and another From' : '');
        my $mail = mail(from => 'FROM', subject => "[$ref]", headers => $second) =~ s/FROM/$octets/r;
        my $went = put(from => MALLORY, mail => $mail);
        my $shown = $went->{to} =~ /^ACM/ ? $desk->json('show', $went->{to}, '--no-text') : undef;
        isnt($went->{to}, $ref, encode('UTF-8', "$what: not in the ticket"));
        my $as = $shown ? $shown->{messages}[-1] : { from => '', sender => '' };
        ok(!$friend{ $as->{from} }, 'nobody of it') or diag $as->{from};
        ok($as->{from} eq MALLORY || $as->{sender} ne 'verified', 'and nobody else is proven');
        my @sent = sent_since($n_before);
        is_deeply([ grep { $friend{$_} } map { @{ $_->{to} } } @sent ], [], 'nobody of it is told');
        is_deeply([ map { leaks($_, AGENT, 1) } @sent ], [], 'nothing is learnt');
        ok(is_kept($went, $mail), 'nothing is lost');
    }
}

# ---- the other side of it: who is proven may ----

my $n_before = () = $sink->mails;
is(honest(BOB, to => $of{ +BOB }{reply_to}, headers => [ [ Cc => 'erin@victim.test, ' . QUEUE . ', noreply@victim.test' ] ])->{to},
    $ref, 'Bob himself answers, with somebody in Cc');
my ($erin) = grep { $_->{address} eq 'erin@victim.test' } @{ $desk->json('show', $ref, '--no-text')->{ticket}{participants} };
is($erin->{role}, 'participant', 'who is on the ticket then');
is($erin->{since_message}, $desk->json('show', $ref, '--no-text')->{ticket}{n_messages}, 'from that mail on');
is_deeply([ grep {/erin/} map { @{ $_->{to} } } sent_since($n_before) ], ['erin@victim.test'], 'and told from now on');
ok(scalar(grep { $_->{what} eq 'participant-added' && $_->{detail} eq 'erin@victim.test' } @{ $desk->json('log', $ref) }),
    'which is on record');
my ($status, $out) = $desk->postern({ in => mail(from => BOB, subject => "[$ref]") }, 'explain', '-', '--from', BOB,
    '--client-address', $evil);
like($out, qr/sender +failed\n +sender_because spf fail for victim\.test/, 'explain says what it thinks of a sender, and why');
cmp_ok($n_attacks, '>=', 54, 'no attack was left out');
is(($desk->postern('check'))[0], 0, 'the store is sound');
is($desk->stop, 0, 'it stops cleanly');
done_testing;
