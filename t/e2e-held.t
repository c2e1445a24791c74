#!/usr/bin/env perl
# e2e-held.t - held mail: each cause, let through with one check waived, dropped, exported, told of by mail,
# ordered by mail, expired; and what explain and replay say of mail that is here already
use v5.36;
use Test::More;
use Postern::Mail qw(mail bounce read_mail);
use Postern::Sink;
use Postern::Test qw(wait_until);

use constant { QUEUE => 'support@example.org', ADA => 'ada@customer.test', BOB => 'bob@example.org',
    BOSS => 'boss@admin.test', NOT_MAIL => "no header\x00at all\r\n" x 3 };

my $sink = Postern::Sink->start;
my %set  = (
    'queue.support.address' => QUEUE, 'queue.support.prefix' => 'ACM', 'queue.support.agents' => BOB,
    postmaster => BOSS, header_max_octets => '8K', hops_max => 5, checkpoint_every_s => '1s',
);
my $desk = Postern::Test->start(smtp_port => $sink->port, set => \%set);

# Deliver; gives (reference or cause, whole reply).
sub deliver (%m) {
    my ($reply) = $desk->deliver(%m);
    return $reply->{text} =~ /filed as (ACM-\d+)/ ? $1 : $reply->{text} =~ /\((.+)\)$/ ? $1 : $reply->{text};
}

sub held ()      { return @{ $desk->json('held', 'list') } }
sub last_held () { return (held())[-1] }

# Hold a mail and check with which cause; gives its number.
sub hold ($cause, %m) {
    is(deliver(%m), $cause, "held as $cause");
    my $h = last_held();
    is($h->{cause}, $cause, "$cause is listed");
    return $h->{held};
}

sub release (@words) { return $desk->postern('held', 'release', @words) }
sub show ($ref)      { return $desk->json('show', $ref) }
sub last_mail ($ref) { return show($ref)->{messages}[-1] }

my $ref   = deliver(mail => mail(subject => 'One'));
my $other = deliver(mail => mail(subject => 'Two'));
like($ref, qr/^ACM-/, 'a ticket');

# Forged: an agent's address, and nothing that proves it.
my %as_bob = (from => BOB, mail => mail(from => BOB, subject => "[$ref] done", body => "The answer\n"));
my $id = hold('forged', %as_bob);
my ($status, $out, $err) = release($id, '--as-new');
is($status, 64, 'forged: no ticket is chosen');
like($err, qr/finds its ticket by itself/, 'which is said');
is(scalar held(), 1, 'it waits on');
($status, $out, $err) = release($id);
is($status, 0, 'forged: released') or diag $err;
like($out, qr/held $id is released: it is in \Q$ref\E/, 'into its ticket');
my $m = last_mail($ref);
is($m->{from}, BOB, 'its mail is there');
is($m->{sender}, 'verified', 'its sender counts as verified');
is($m->{held}, $id, 'it names its entry');
like($m->{because}, qr/released by \S+ \(shell\): held $id, cause forged: the check of its sender waived/, 'and why');
my ($entry) = grep { $_->{what} eq 'released' } @{ $desk->json('log', $ref) };
is($entry->{how}, 'shell', 'the history says how');
like($entry->{detail}, qr/^held $id, cause forged/, 'and what');
is(scalar held(), 0, 'nothing waits');
my $done = $desk->json('held', 'show', $id);
is("$done->{fate} $done->{ref}", "released $ref", 'the entry is known still, with its ticket');
is(deliver(%as_bob), $ref, 'the same mail again is known as that of the ticket (P2)');
($status, $out, $err) = release($id);
is($status, 66, 'released twice: there is none');
like($err, qr/held $id was released at \S+ by /, 'any more');

# Conflict.
$id = hold('conflict', mail => mail(subject => "[$ref] and [$other]"));
($status, $out, $err) = release($id);
is($status, 64, 'conflict: a choice is needed');
like($err, qr/as a new one/, 'which is said');
($status, $out, $err) = release($id, '--to', $other);
is($status, 0, 'conflict: to the one chosen') or diag $err;
is(last_mail($other)->{held}, $id, 'it is there');
$id = hold('conflict', mail => mail(subject => "[$ref] and again [$other]"));
($status, $out, $err) = release($id, '--as-new');
like($out, qr/it is in (ACM-\d+)/, 'conflict: as a new one');
unlike($out, qr/$ref|$other/, 'which is none of the two');

# Loop and bounce.
my @hops = map { [ 'Received', "from a by b; Tue, 24 Nov 2026 10:00:0$_ +0000" ] } 1 .. 8;
$id = hold('loop', mail => mail(subject => 'round', headers => \@hops));
($status, $out, $err) = release($id);
is($status, 0, 'loop: released') or diag $err;
$id = hold('bounce', from => '', mail => bounce(to => QUEUE, address => 'x@y.test', about => mail()));
$sink->clear;
($status, $out, $err) = release($id);
is($status, 0, 'bounce: released') or diag $err;
my ($new) = $out =~ /(ACM-\d+)/;
is(show($new)->{messages}[0]{class}, 'human', 'as the mail of a person');

# Not readable.
$id = hold('not-mail', mail => NOT_MAIL);
($status, $out, $err) = release($id);
is($status, 65, 'not mail: read again, held again');
like($err, qr/held again, as not-mail/, 'which is said');
($status, $out, $err) = release($id, '--as-new');
is($status, 0, 'not mail: filed without text') or diag $err;
($new) = $out =~ /(ACM-\d+)/;
($status, $out) = $desk->postern('show', '--raw', 1, $new);
is($out, NOT_MAIL, 'with its octets');
$id = hold('too-big', mail => mail(subject => 'big', headers => [ map { [ "X-$_", 'y' x 900 ] } 1 .. 12 ]));
($status, $out, $err) = release($id);
is($status, 0, 'too big: read all the same') or diag $err;

# Drop and export.
$id = hold('forged', from => BOB, mail => mail(from => BOB, subject => "[$ref] no"));
($status, $out) = $desk->postern('held', 'export', $id);
like($out, qr/^From: \Q@{[BOB]}\E\r\n/, 'export gives its octets');
($status, $out, $err) = $desk->postern('held', 'drop', $id);
like($out, qr/held $id is dropped/, 'dropped') or diag $err;
is(scalar held(), 0, 'nothing waits');
is($desk->json('held', 'show', $id)->{fate}, 'dropped', 'but it is known that it was dropped');
($status, $out, $err) = $desk->postern('held', 'export', $id);
isnt($status, 0, 'its octets are gone');
my $stats = $desk->json('stats');
is("$stats->{released} $stats->{dropped}", '7 1', 'both are counted');

$desk->restart;
is($desk->json('held', 'show', $id)->{fate}, 'dropped', 'all that outlives the daemon');

# The summary to the postmaster, and his orders by mail.
my $canary = 'canaryq' . $$;
my %forged = (from => "$canary\@evil.test");
my @waiting = map { hold('conflict', %forged,
        mail => mail(from => "$canary <$canary\@evil.test>", subject => "$canary [$ref] [$other] $_")) } 1 .. 3;
$sink->clear;
sub restart_with (%more) { $desk->{set} = { %set, %more }; $desk->restart; return }
restart_with(held_summary_every_s => '1s');
ok(wait_until(30, sub { (held())[0]{told} }), 'the postmaster is told');
my ($summary) = grep { $_->{to}[0] eq BOSS } $sink->mails;
is($summary->{from}, '', 'by a mail with the null sender');
my $read = read_mail($summary->{octets});
like($read->{header}{subject}[0], qr/^3 mails are held at example\.org$/, 'what it is about');
like($read->{body}, qr/^$_  conflict  0min  \d+  support\r?$/m, "entry $_ is in it") for @waiting;
unlike($summary->{octets} . $read->{body}, qr/$canary/, 'no word of a stranger is (P3)');
my %order;
$order{"$1 $2"} = $& while $read->{body} =~ /support\+held-(release|drop)-(\d+)-[a-z2-7]{13}\@example\.org/g;
is(scalar keys %order, 6, 'two addresses for each');
restart_with(held_summary_every_s => '1d');
$sink->clear;

sub order ($what, $from, %m) {
    my ($reply) = $desk->deliver(from => $from, to => $m{address} // $order{$what},
        mail => $m{mail} // mail(from => $from, subject => 'Re: held'));
    return "$reply->{code} $reply->{text}";
}
my $first = "release $waiting[0]";
like(order($first, 'eve@evil.test'), qr/kept for a person.*forged/, 'an order from somebody else is held, as forged');
like(order($first, BOSS, address => $order{$first} =~ s/-([a-z2-7])(?=[a-z2-7]{12}\@)/$1 eq 'a' ? '-b' : '-a'/er),
    qr/forged/, 'and one with a wrong tag');
like(order($first, BOSS, address => $order{"drop $waiting[0]"} =~ s/drop/release/r), qr/forged/,
    'and one with the tag of another order');
like(order($first, BOSS, address => $order{$first} =~ s/$waiting[0]/$waiting[1]/r), qr/forged/,
    'and one with the tag of another entry');
like(order($first, BOSS, mail => mail(from => BOSS, headers => [ [ 'Auto-Submitted', 'auto-replied' ] ])),
    qr/forged/, 'and one that no person sent');
is((grep { $_->{held} == $waiting[0] } held()), 1, 'none did anything');
is(scalar(grep { $_->{to}[0] eq BOSS } $sink->mails), 0, 'nor was answered');
my $order_mail = mail(from => BOSS, subject => 'Re: held');
like(order($first, BOSS, mail => $order_mail), qr/^250 .*order about held mail/, 'the postmaster releases one by mail');
$done = $desk->json('held', 'show', $waiting[0]);
is("$done->{fate} $done->{fate_who} $done->{fate_how}", 'released ' . BOSS . ' mail', 'it is released');
like($done->{ref}, qr/^ACM-/, 'as a ticket of its own');
like(order($first, BOSS, mail => $order_mail), qr/^250 /, 'the same order delivered twice');
like(order("drop $waiting[1]", BOSS), qr/^250 /, 'and drops another');
is($desk->json('held', 'show', $waiting[1])->{fate}, 'dropped', 'which is gone');
ok(wait_until(20, sub { !@{ $desk->json('outbox') } }), 'all is sent');
my @to_boss = map { read_mail($_->{octets}) } grep { $_->{to}[0] eq BOSS } $sink->mails;
is(scalar @to_boss, 2, 'two transcripts');
like($to_boss[0]{body}, qr/^held $waiting[0]: released \S+ by \Q@{[BOSS]}\E \(mail\), as \Q$done->{ref}\E\r?$/m, 'of the first');
like($to_boss[1]{body}, qr/^held $waiting[1]: dropped /m, 'of the second');
unlike(join('', map { $_->{raw} . $_->{body} } @to_boss), qr/$canary/, 'without a word of a stranger');

# Expiry: only what was in a summary that was sent.
$desk->postern('held', 'drop', $_->{held}) for grep { $_->{held} != $waiting[2] } held();
$sink->behave(rcpt => '451 4.3.0 not now');
my $untold = hold('forged', from => BOB, mail => mail(from => BOB, subject => "[$ref] late"));
restart_with(held_keep_s => '1s', held_summary_every_s => '1s');
ok(wait_until(30, sub { !grep { $_->{held} == $waiting[2] } held() }), 'what was told of expires');
is($desk->json('stats')->{expired}, 1, 'which is counted');
is(last_held()->{held}, $untold, 'what was not told of stays');
sleep 3;
is(last_held()->{held}, $untold, 'however long');
$sink->behave;
ok(wait_until(60, sub { !held() }), 'and goes when it was');
($status, $out, $err) = $desk->postern('held', 'show', $waiting[2]);
is($status, 66, 'and after as long a time nothing is known of the first');

# What is here already, explained and run through today's rules.
restart_with();
my %from_postfix = (xforward => { IDENT => '4QxYz12345zK' });
my $known = deliver(%from_postfix, mail => mail(subject => 'by queue id'));
$id = hold('conflict', %from_postfix, mail => mail(subject => "[$ref] [$other] by queue id"));
my $mails = $desk->json('explain', '4QxYz12345zK')->{mails};
is(scalar @$mails, 2, 'a queue id that was given twice has two places');
my ($as_held) = grep { ($_->{held} // 0) == $id } @$mails;
my ($as_filed) = grep { ($_->{ref} // '') eq $known } @$mails;
is($as_held->{then}, 'held as conflict', 'one is held');
is($as_filed->{then}, "a new ticket, $known", 'one is filed');
is($as_filed->{now}, 'a new ticket', 'as it would be today');
ok(!$_->{differs}, 'nothing differs') for $as_held, $as_filed;
is($as_filed->{today}{outcome}, 'new', 'the whole of today\'s plan is there');
my $before = show($ref);
($status, $out, $err) = $desk->postern('explain', "$ref#1");
is($status, 0, 'explain a message') or diag $err;
like($out, qr/^then: a new ticket, \Q$ref\E$/m, 'what was decided');
like($out, qr/^  because +row \d+: a new request/m, 'and why');
like($out, qr/^today: a new ticket$/m, 'and today');
($status, $out, $err) = $desk->postern('explain', 'NOSUCHQUEUEID');
is($status, 66, 'an unknown queue id');
($status, $out, $err) = $desk->postern('explain', "$ref#99");
is($status, 66, 'an unknown message');
($status, $out, $err) = $desk->postern('replay', $ref);
like($out, qr/^\d+ mails, 0 would be filed otherwise today, 0 could not be judged$/m, 'replay of a ticket') or diag $err;
is($err, '', 'no progress but to a terminal');
($status, $out) = $desk->postern('replay', '--held');
like($out, qr/^1 mails, 0 would/m, 'replay of what is held');

# Rules that changed: Bob is an agent no more, his mail is a stranger's.
my $by_bob = hold('forged', from => BOB, mail => mail(from => BOB, subject => "[$ref] again"));
$set{'queue.support.agents'} = 'carol@example.org';
restart_with();
my $replayed = $desk->json('replay', '--held');
is_deeply([ map { $_->{held} } @$replayed ], [$by_bob], 'what would not be held any more is shown');
is("$replayed->[0]{then}; $replayed->[0]{now}", 'held as forged; a new ticket', 'and what it would be');
($status, $out) = $desk->postern('replay', '--since', '1d');
like($out, qr/^\d\d mails, \d+ would be filed otherwise today, 0 could/m, 'replay of all since yesterday');
is_deeply(show($ref), $before, 'nothing was changed');
is(scalar held(), 2, 'nothing was released');

# Persons.
($status, $out, $err) = $desk->postern('person', 'alias', 'Ada@customer.test', 'ada@home.test');
is($status, 0, 'an alias') or diag $err;
is_deeply([ map { $_->{address} } @{ $desk->json('person', 'show', 'ada@home.test')->{addresses} } ],
    [ ADA, 'ada@home.test' ], 'one person has two addresses');
($status, $out, $err) = $desk->postern('person', 'merge', 'ada@home.test', ADA);
is($status, 65, 'which are one already');
($status, $out, $err) = $desk->postern('person', 'split', 'ada@home.test');
is(scalar @{ $desk->json('person', 'show', ADA)->{addresses} }, 1, 'split');
($status, $out, $err) = $desk->postern('person', 'alias', ADA);
is($status, 64, 'an alias of nothing');

done_testing;
