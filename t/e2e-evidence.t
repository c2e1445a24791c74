#!/usr/bin/env perl
# e2e-evidence.t - P4: an answer lands in its ticket whatever a mail program did to it: each kind of evidence
# through posternd, from the mail that was really sent
use v5.36;
use utf8;
use Digest::SHA qw(sha256_hex);
use Encode qw(decode encode);
use File::Path qw(remove_tree);
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use Postern::Mail qw(mail read_mail);
use Postern::Sink;
use Postern::Test qw(program run spew wait_until);

use constant { QUEUE => 'support@example.org', HELP => 'it-help@example.org', ADA => 'ada@customer.test',
    EVE => 'eve@other.test', WINDOW_S => 14 * 24 * 3600 };

my $sink = Postern::Sink->start;
my $desk = Postern::Test->start(
    smtp_port => $sink->port,
    set       => {
        'queue.support.address' => QUEUE, 'queue.support.prefix' => 'ACM',
        'queue.help.address' => HELP, 'queue.help.prefix' => 'ITH', 'queue.help.recipient_delimiter' => '-',
        hops_max => 30,
    });

# Open a ticket. Gives { ref, reply_to, id (of our acknowledgement), own_id }
sub request (%m) {
    my $own = Postern::Mail::message_id();
    my ($reply) = $desk->deliver(to => $m{to} // QUEUE, mail => mail(to => $m{to} // QUEUE, id => $own));
    my ($ref) = $reply->{text} =~ /filed as (\w+-\d+)/ or die "no ticket: $reply->{text}";
    my $ack = wait_until(20, sub { (grep { index($_->{octets}, $ref) >= 0 } $sink->mails)[0] }) or die "no mail for $ref";
    my $h = read_mail($ack->{octets})->{header};
    my ($address) = ($h->{'reply-to'} // $h->{from})->[0] =~ /<(.+)>/;
    return { ref => $ref, reply_to => $address, id => $h->{'message-id'}[0], own_id => $own };
}

# Deliver as Ada, with a subject that names nothing. Gives { ref, evidence, row, text }
sub answer (%m) {
    my $to = $m{rcpt} // $m{to} // QUEUE;
    my ($reply) = $desk->deliver(
        from => $m{from} // ADA, to => $to,
        mail => $m{octets} // mail(from => ADA, to => $to, subject => 'My answer', %m));
    my ($ref) = $reply->{text} =~ /filed as (\w+-\d+)/;
    return { ref => '', text => $reply->{text} } unless $ref;
    my $last = $desk->json('show', $ref, '--no-text')->{messages}[-1];
    my ($row, $evidence) = $last->{because} =~ /^row (\d+): .*; evidence (\S+)/;
    return { ref => $ref, evidence => $evidence =~ s/;$//r, row => $row, text => $reply->{text}, last => $last };
}

# One answer lands in a ticket by this evidence.
sub lands ($t, $evidence, $what, %m) {
    my $got = answer(%m);
    is("$got->{ref} " . ($got->{evidence} // $got->{text}), "$t->{ref} $evidence", $what);
    return $got;
}

# Ask with JSON where a mail that was held stands.
sub held_as ($cause, $what, %m) {
    my $n = @{ $desk->json('held', 'list') };
    my $got = answer(%m);
    is($got->{text} =~ /\((.+)\)$/ ? $1 : $got->{text}, $cause, $what);
    is(scalar @{ $desk->json('held', 'list') }, $n + 1, 'and is kept whole') or diag $got->{text};
    return;
}

# Change tickets. No command of postern closes or merges one yet: an operator's own way through dump and load
# is, and the daemon then runs over what was loaded.
sub change_tickets ($each) {
    my ($status, $dump) = $desk->postern('dump');
    my @lines = split /\n/, $dump;
    my $json = JSON::PP->new->canonical;
    for (@lines) {
        my $row = $json->decode($_);
        next unless ($row->{table} // '') eq 'ticket' && $each->($row);
        $_ = $json->encode($row);
    }
    my $end = $json->decode(pop @lines);
    my $text = join '', map {"$_\n"} @lines;
    $end->{sha256} = sha256_hex($text);
    is($desk->stop, 0, 'stopped');
    remove_tree($desk->dir . '/state/db', $desk->dir . '/state/blob');
    unlink $desk->dir . '/state/STORE';
    my $file = spew($desk->dir . '/dump', $text . $json->encode($end) . "\n");
    ($status, my $out, my $err) = run(program('postern'), '-c', $desk->conf, $desk->options, 'load', $file);
    is($status, 0, 'the changed dump is loaded') or diag $err;
    $desk->up;
    return;
}

sub number ($t) { my ($n) = $t->{ref} =~ /-(\d+)\d$/; return $n }

my $one = request();
like($one->{reply_to}, qr/^support\+acm-\d+-[a-z2-7]{13}\@example\.org$/, 'a reply address of its own');

subtest 'the signed reply address' => sub {
    my $a = $one->{reply_to};
    my $got = lands($one, 'signed-address', 'as it was written', to => $a);
    is($got->{last}{sender}, 'verified', 'it proves whom it was given to');
    like($got->{last}{because}, qr/reply address that only this sender was given/, 'and says so');
    lands($one, 'signed-address', 'in capitals', to => uc $a);
    lands($one, 'signed-address', 'in capitals before the @', to => $a =~ s/^([^@]+)/\U$1/r);
    my %plain = (rcpt => QUEUE);
    lands($one, 'signed-address', 'in To only', %plain, to => "Support <$a>");
    lands($one, 'signed-address', 'in To with a quoted name', %plain, to => qq{"Support, the (desk)" <$a>});
    lands($one, 'signed-address', 'in Cc only', %plain, to => 'x@y.test', headers => [ [ Cc => "ann\@y.test,\r\n $a" ] ]);
    lands($one, 'signed-address', 'in Delivered-To only', %plain, to => 'undisclosed-recipients:;',
        headers => [ [ 'Delivered-To' => $a ] ]);
    lands($one, 'signed-address', 'in a second Delivered-To', %plain, to => 'x@y.test',
        headers => [ [ 'Delivered-To' => QUEUE ], [ 'Delivered-To' => $a ] ]);
    lands($one, 'signed-address', 'in the envelope only', rcpt => $a, to => QUEUE);
    $got = lands($one, 'signed-address', 'from another address of his', to => $a, from => EVE,
        octets => mail(from => EVE, to => $a, subject => 'from home'));
    is("$got->{last}{role} $got->{last}{sender}", 'stranger unverified', 'which it does not prove');
};

subtest 'a queue whose address holds the delimiter' => sub {
    my $t = request(to => HELP);
    like($t->{reply_to}, qr/^it-help-ith-\d+-[a-z2-7]{13}\@example\.org$/, 'the address');
    lands($t, 'signed-address', 'is known', to => $t->{reply_to});
    lands($t, 'signed-address', 'in capitals', to => uc $t->{reply_to});
    lands($t, 'signed-address', 'in To only', rcpt => HELP, to => $t->{reply_to});
    lands($t, 'signed-address', 'also by the address of another queue', rcpt => QUEUE, to => $t->{reply_to});
};

subtest 'Message-IDs of ours' => sub {
    my ($id) = $one->{id} =~ /<(.+)>/;
    my %by = (
        'In-Reply-To' => [ reply_to_id => "<$id>" ],
        'In-Reply-To without <>' => [ reply_to_id => $id ],
        'In-Reply-To in capitals' => [ reply_to_id => uc "<$id>" ],
        'In-Reply-To with words around it' => [ reply_to_id => qq{Your message of "Tue, 1 Jul" <$id>} ],
        'References alone' => [ references => [ '<x@y.test>', "<$id>", '<z@y.test>' ] ],
        'References in capitals' => [ references => [ uc "<$id>" ] ],
        'References with commas' => [ headers => [ [ References => "<x\@y.test>,<$id>, <z\@y.test>" ] ] ],
        'References folded inside an id' =>
            [ headers => [ [ References => "<x\@y.test>\r\n <" . ($id =~ s/\./.\r\n /r) . '>' ] ] ],
        'References folded with tabs and empty-looking lines' =>
            [ headers => [ [ References => "\r\n\t<x\@y.test>\r\n\t \r\n\t<$id>" ] ] ],
        'References without spaces' => [ headers => [ [ References => "<x\@y.test><$id><z\@y.test>" ] ] ],
        'References that were cut' => [ headers => [ [ References => "y.test> <x\@y.test> <$id" ] ] ],
        'References, 200 of them' =>
            [ references => [ map({"<$_\@y.test>"} 1 .. 160), "<$id>", map {"<$_\@z.test>"} 1 .. 20 ] ],
    );
    lands($one, 'signed-id', $_, @{ $by{$_} }) for sort keys %by;
};

subtest 'a Message-ID of the customer' => sub {
    lands($one, 'known-id', 'his own mail, in In-Reply-To', reply_to_id => $one->{own_id});
    lands($one, 'known-id', 'in References', references => [ '<x@y.test>', $one->{own_id} ]);
};

subtest 'the reference number in the subject, in ten disguises' => sub {
    my $ref = $one->{ref};
    my ($prefix, $n) = split /-/, $ref;
    my $wide = join '', map { chr(ord('０') + $_) } split //, $n;
    my @subjects = (
        "Re: [$ref] We have received your request",
        "Fwd: AW: RE: SV: Antw: TR: [$ref]",
        'about ' . lc $ref,
        "[ $prefix-$n ] in blanks",
        "回复：转发: [$ref]",
        "[$prefix-$wide] in full width",
        "[$prefix\x{a0}-\x{a0}$n] with no-break spaces",
        "Réponse ($ref), s'il vous plaît",
        "[$prefix\x{2011}$n] with a no-break hyphen",
        "(\x{ad}$prefix\x{2212}$n)?!",
    );
    for my $subject (@subjects) {
        my $got = answer(subject => $subject);
        is("$got->{ref} " . ($got->{evidence} // ''), "$ref token", encode('UTF-8', $subject));
    }
    my ($first, $rest) = (substr($ref, 0, 5), substr $ref, 5);
    my $cut = '=?UTF-8?B?' . encode_base64("Re: [$first", '') . "?=\r\n =?UTF-8?Q?" . $rest . ']?=';
    my $octets = mail(from => ADA, subject => 'SUBJECT') =~ s/SUBJECT/$cut/r;
    lands($one, 'token', 'cut between two encoded words', octets => $octets);
    my $latin = '=?ISO-8859-1?Q?R=E9p_=5B' . $ref . '=5D?=';
    lands($one, 'token', 'in another charset', octets => mail(from => ADA, subject => 'SUBJECT') =~ s/SUBJECT/$latin/r);
    my $got = answer(subject => 'Re: [' . substr($ref, 0, -1) . ((substr($ref, -1) + 1) % 10) . ']');
    isnt($got->{ref}, $ref, 'a wrong digit names nothing');
};

subtest 'two that disagree' => sub {
    my $two = request();
    held_as('conflict', 'a reply address and the number of another', to => $one->{reply_to}, subject => "[$two->{ref}]");
    held_as('conflict', 'a reply address and the id of another', to => $one->{reply_to}, reply_to_id => $two->{id});
    held_as('conflict', 'an id and the number of another', reply_to_id => $one->{id}, subject => "[$two->{ref}]");
    held_as('conflict', 'two reply addresses', rcpt => QUEUE, to => "$one->{reply_to}, $two->{reply_to}");
    held_as('conflict', 'two numbers', subject => "[$one->{ref}] [$two->{ref}]");
    my $mail = mail(from => ADA, to => "$one->{reply_to}, $two->{reply_to}", subject => 'to both');
    my $n = @{ $desk->json('held', 'list') };
    my @replies = $desk->deliver(to => [ $one->{reply_to}, $two->{reply_to} ], mail => $mail);
    is_deeply([ map { $_->{code} } @replies ], [ 250, 250 ], 'two reply addresses, two recipients: taken');
    is(scalar @{ $desk->json('held', 'list') }, $n + 1, 'and held once');
    lands($one, 'signed-address', 'two that agree', to => $one->{reply_to}, subject => "[$one->{ref}]", reply_to_id => $one->{id});
};

subtest 'closed, long closed, merged' => sub {
    my ($closed, $long, $merged, $heir) = map { request() } 1 .. 4;
    my %state = (
        number($closed) => { state => 4, closed_s => time },
        number($long)   => { state => 4, closed_s => time - WINDOW_S - 60 },
        number($merged) => { state => 5, heir => number($heir) + 0 });
    change_tickets(sub ($row) {
        my $new = $state{ $row->{id} } or return 0;
        @$row{ keys %$new } = values %$new;
        return 1;
    });
    is($desk->json('show', $closed->{ref})->{ticket}{state}, 'closed', 'a closed ticket');
    my $got = lands($closed, 'signed-address', 'within the window', to => $closed->{reply_to});
    is($desk->json('show', $closed->{ref})->{ticket}{state}, 'open', 'it is open again');
    my @log = map { $_->{what} } @{ $desk->json('log', $closed->{ref}) };
    ok(scalar(grep { $_ eq 'reopened' } @log), 'its history says so');

    $got = answer(to => $long->{reply_to});
    ok($got->{ref} && $got->{ref} ne $long->{ref}, 'long closed: a new ticket') or diag $got->{text};
    is($desk->json('show', $got->{ref})->{ticket}{linked}, $long->{ref}, 'linked to the old one');
    is($desk->json('show', $long->{ref})->{ticket}{state}, 'closed', 'which stays closed');
    is(scalar @{ $desk->json('show', $long->{ref})->{messages} }, 1, 'and as it was');

    for my $by ([ 'the address', to => $merged->{reply_to} ], [ 'the id', reply_to_id => $merged->{id} ],
        [ 'the number', subject => "[$merged->{ref}]" ], [ 'his own id', reply_to_id => $merged->{own_id} ]) {
        my ($what, @m) = @$by;
        $got = answer(@m);
        is($got->{ref}, $heir->{ref}, "merged: $what leads to the heir");
    }
    lands($heir, 'signed-address', 'evidence for both agrees', to => $merged->{reply_to}, subject => "[$heir->{ref}]");
};

subtest 'keys' => sub {
    my $keys = $desk->json('key', 'list');
    is(scalar @$keys, 1, 'one key');
    is("$keys->[0]{letter} $keys->[0]{state} $keys->[0]{makes}", 'a active 1', 'that makes the tags');
    ok(!grep({/secret|[0-9a-f]{32}/} map { %$_ } @$keys), 'and shows no secret');
    my ($status, $out, $err) = $desk->postern('key', 'retire', 'a');
    is($status, 64, 'it cannot be retired');
    like($err, qr/rotate first/, 'which is said');
    is($desk->json('key', 'rotate', '--honour', '1h')->{letter}, 'b', 'rotated');
    like($desk->log, qr/key-rotated who=\S+ letter=b/, 'the log says by whom');
    ($status, $out) = $desk->postern('key');
    like($out, qr/^a +old .*^b +active .*new tags/ms, 'both are listed');
    my $new = request();
    like($new->{reply_to}, qr/-b[a-z2-7]{12}\@/, 'a new address has a tag of the new key');
    lands($new, 'signed-address', 'and holds', to => $new->{reply_to});
    lands($one, 'signed-address', 'the old address holds', to => $one->{reply_to});
    lands($one, 'signed-id', 'and the old id', reply_to_id => $one->{id});
    $desk->restart;
    lands($new, 'signed-address', 'after a restart too', to => $new->{reply_to});
    lands($one, 'signed-address', 'both of them', to => $one->{reply_to});

    ($status, $out, $err) = $desk->postern('key', 'retire', 'A');
    is($status, 0, 'retired, the letter in any case') or diag $err;
    like($desk->log, qr/key-retired who=\S+ letter=a/i, 'the log says by whom');
    my $got = lands($one, 'token', 'its address names the ticket only', to => $one->{reply_to});
    is($got->{last}{sender}, 'unverified', 'and proves nobody');
    $got = answer(reply_to_id => $one->{id});
    is("$got->{evidence} " . ($got->{ref} ne $one->{ref}), 'none 1', 'its id is nothing any more');
    $got = answer(from => EVE, to => $one->{reply_to}, octets => mail(from => EVE, to => $one->{reply_to}, subject => 'retired'));
    isnt($got->{ref}, $one->{ref}, 'a stranger who has the old address has no part any more');
    lands($new, 'signed-address', 'the new key holds on', to => $new->{reply_to});
    is($desk->json('key', 'rotate', '--honour', '0s')->{letter}, 'c', 'rotated without honour');
    $got = answer(from => EVE, to => $new->{reply_to}, octets => mail(from => EVE, to => $new->{reply_to}, subject => 'too late'));
    isnt($got->{ref}, $new->{ref}, 'old tags end at once');
    ($status, $out, $err) = $desk->postern('key', 'retire', 'z');
    is($status, 64, 'an unknown key');
    ($status, $out, $err) = $desk->postern('key', 'rotate', '--honour', 'soon');
    is($status, 64, 'a duration that is none');
};

is($desk->stop, 0, 'it stops cleanly');
done_testing;
