#!/usr/bin/env perl
# e2e-desk.t - posternd alone: a bad mail stops nothing (P6), every decision is explained (P7), the same
# mail again changes nothing (P2)
use v5.36;
use Test::More;
use Postern::Mail qw(mail read_mail);
use Postern::Sink;
use Postern::Test qw(program spew wait_until);
use File::Temp qw(tempdir);
use POSIX ();

# A parser as bad as a mail may make it: it stands between posternd and the real one, dies at CRASH and
# sleeps at HANG. A frame is four octets of length, most significant first, and so many octets.
my $dir = tempdir(CLEANUP => 1);
my $bad_parser = "$dir/bad-parser";
my $real = program('postern-parse');
spew($bad_parser, "#!$^X\nmy (\$real, \$hangs) = ('$real', '$dir/hangs');\n" . <<'END');
use v5.36;
use Socket;
open my $desk, '+<&=', 3 or die;
socketpair my $mine, my $its, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
my $pid = fork // die;
if (!$pid) {
    close $desk; close $mine;
    require POSIX;
    POSIX::dup2(fileno $its, 3);
    exec { $real } 'postern-parse', @ARGV or exit 127;
}
close $its;
sub get ($fh, $n) {
    my $octets = '';
    while (length $octets < $n) {
        sysread $fh, $octets, $n - length $octets, length $octets or exit 0;
    }
    return $octets;
}
sub frame ($fh) { my $head = get($fh, 4); return $head . get($fh, unpack 'N', $head) }
sub put ($fh, $octets) {
    while (length $octets) { my $n = syswrite $fh, $octets or exit 0; substr $octets, 0, $n, '' }
}
put($desk, frame($mine));
while (1) {
    my $request = frame($desk);
    if ($request =~ /CRASH/) { kill KILL => $pid; kill SEGV => $$ }
    if ($request =~ /HANG/) { mkdir $hangs; sleep 1000 }
    put($mine, $request);
    put($desk, frame($mine));
}
END
chmod 0755, $bad_parser, $dir;

subtest 'P6: a mail that kills or hangs its reader is held, the next one is served' => sub {
    my $desk = Postern::Test->start(
        set => { parser_program => $bad_parser, parse_deadline_s => '5s', parse_children => 2 });
    my $crash = mail(subject => 'CRASH');
    is($desk->deliver(mail => $crash)->{code}, 250, 'the mail that kills the parser is taken');
    my ($held) = @{ $desk->json('held') };
    is($held->{cause}, 'parser-died', 'and held, with the cause');
    my (undef, $octets) = $desk->postern('held', 'export', $held->{held});
    is($octets, $crash, 'whole, as it came');
    like($desk->deliver(mail => mail(subject => 'after'))->{text}, qr/filed as ACM-\d+/,
        'the next one is filed');

    my $pid = fork // die;
    if (!$pid) {    # one connection waits for the mail that hangs
        my $reply = $desk->deliver(mail => mail(subject => 'HANG'));
        POSIX::_exit($reply->{code} == 250 ? 0 : 1);
    }
    ok(wait_until(20, sub { -d "$dir/hangs" }), 'a mail hangs');
    like($desk->deliver(mail => mail(subject => 'meanwhile'))->{text}, qr/filed as ACM-\d+/,
        'another is served in the meantime');
    is(scalar(grep { $_->{cause} eq 'parser-timeout' } @{ $desk->json('held') }), 0,
        'while the one that hangs still does');
    waitpid $pid, 0;
    is($?, 0, 'the one that hung is taken too');
    is(scalar(grep { $_->{cause} eq 'parser-timeout' } @{ $desk->json('held') }), 1, 'and held');
    is(scalar(my @tickets = $desk->tickets), 2, 'two tickets of two good mails');
    is($desk->deliver(mail => $crash)->{code}, 250, 'the bad one again is taken');
    is(scalar @{ $desk->json('held') }, 2, 'and not held twice');
    is($desk->stop, 0, 'it stops cleanly');
};

my $sink = Postern::Sink->start;
my $desk = Postern::Test->start(
    smtp_port => $sink->port,
    set       => { 'queue.support.address' => 'support@example.org',
                   'queue.support.prefix'  => 'ACM' });

# Ask what would be done, and see that asking changed nothing.
sub ask ($file, @args) {
    my @before = map { $desk->json($_) } qw(list held outbox);
    my $said = $desk->json('explain', $file, @args);
    is_deeply([ map { $desk->json($_) } qw(list held outbox) ], \@before, 'asking changes nothing');
    return $said;
}

sub save ($octets) { spew("$dir/mail", $octets); return "$dir/mail" }

my $ref;
subtest 'P7: what explain says is what is done' => sub {
    my $new = mail(subject => 'Printer', id => '<p7@mail.test>');
    my $said = ask(save($new), '--from', 'ada@customer.test');
    is($said->{outcome}, 'new', 'a new request');
    is($said->{facts}{from}, 'ada@customer.test', 'the facts');
    is_deeply([ map {"$_->{notice} $_->{to} $_->{sent}"} @{ $said->{notices} } ],
        ['acknowledgement ada@customer.test 1'], 'who is told');
    ($ref) = $desk->deliver(mail => $new)->{text} =~ /filed as (ACM-\d+)/;
    ok($ref, 'and so it is filed');
    my ($ack) = $sink->wait_for(1);
    is($ack->{to}[0], 'ada@customer.test', 'and told');
    my $row = $said->{decision}{row};
    like($desk->json('show', $ref)->{messages}[0]{because}, qr/^row $row: /, 'by the row that was named');

    my $stranger = mail(from => 'eve@other.test', subject => "Re: [$ref]");
    $said = ask(save($stranger), '--from', 'eve@other.test');
    is($said->{outcome}, 'new-linked', 'a stranger with the number');
    is($said->{decision}{evidence}, 'token', 'by what the ticket was found');
    is($said->{decision}{role}, 'stranger', 'and who he is in it');
    my $vacation = mail(subject => "Re: [$ref]", headers => [ [ 'Auto-Submitted', 'auto-replied' ] ]);
    $said = ask(save($vacation), '--from', 'ada@customer.test');
    is($said->{outcome}, 'store', 'a vacation message');
    is($said->{findings}[0]{filter}, 'autoreply', 'which filter found it');
    like($said->{findings}[0]{why}, qr/Auto-Submitted/, 'and by what');
    my ($status, $table) = $desk->postern('explain', '--table');
    is($status, 0, 'the whole table can be read');
    like($table, qr/conflict/, 'all of it');
};

subtest 'P2: the same mail again changes nothing' => sub {
    my $mail = mail(subject => 'Twice');
    my ($one) = $desk->deliver(mail => $mail)->{text} =~ /filed as (ACM-\d+)/;
    my $again = $desk->deliver(mail => $mail);
    is($again->{code}, 250, 'taken again');
    like($again->{text}, qr/already filed as $one/, 'known');
    my $n = () = $sink->wait_for(2);
    is(scalar(my @tickets = $desk->tickets), 2, 'one ticket');
    is(scalar(grep { $_->{octets} =~ /$one/ } $sink->mails), 1, 'one acknowledgement');
    is($desk->json('stats')->{duplicates}, 1, 'counted');
};

subtest 'a wrong configuration at reload keeps the old one' => sub {
    spew($desk->conf, "hops_max = 1\n");
    my ($status, undef, $err) = $desk->postern('-s', $desk->control, 'reload');
    isnt($status, 0, 'refused');
    spew($desk->conf, "hopsmax = 3\n");
    $desk->signal('HUP');
    ok(wait_until(5, sub { $desk->log =~ /reload-refused.*postern\.conf:1/ }), 'with file and line');
    spew($desk->conf, '');
    is($desk->deliver(mail => mail())->{code}, 250, 'mail is served on');
};
is($desk->stop, 0, 'it stops cleanly');

subtest 'a crowd: everybody is told, and all that is owed is listed' => sub {
    my $n = 600;    # more than one frame of the answer holds
    my $sink = Postern::Sink->start;
    my $desk = Postern::Test->start(
        smtp_port => $sink->port,
        conf      => "queue support {\n  address = support\@example.org\n  prefix = ACM\n"
            . '  agents = {' . join(', ', map {"agent$_\@example.com"} 1 .. $n) . "}\n}\n",
        set => { outbox_retry_first_s => '4h' });
    is($desk->deliver(mail => mail(subject => 'Crowd'))->{code}, 250, 'a request');
    my ($ack) = $sink->wait_for(1);
    my ($reply_to) = $ack->{octets} =~ /^Reply-To: <(.*)>/m;
    $sink->away;
    my $comment = mail(subject => 'Re: Crowd', to => $reply_to);
    is($desk->deliver(to => $reply_to, mail => $comment)->{code}, 250, 'and a comment');
    my %owed = map { $_->{to} => 1 } @{ $desk->json('outbox') };
    is(scalar keys %owed, $n, 'each agent is owed a notice');
    is($desk->stop, 0, 'it stops cleanly');
};

subtest 'a subject is repeated where the queue wants it and a proven sender wrote it' => sub {
    my $sink = Postern::Sink->start;
    my $desk = Postern::Test->start(
        smtp_port => $sink->port,
        set       => {
            'queue.loud.address'  => 'loud@example.org', 'queue.loud.prefix' => 'LD',
            'queue.loud.subject_in_notices' => 'yes',
            'queue.quiet.address' => 'quiet@example.org', 'queue.quiet.prefix' => 'QT' });
    my %proven = (xforward => { LOGIN => 'ada@customer.test' });
    my @table = (
        [ 'loud', 'Xylophone', \%proven, 1, 'a proven sender, a queue that shows it' ],
        [ 'loud', 'Yardstick', {},       0, 'a stranger' ],
        [ 'quiet', 'Zucchini', \%proven, 0, 'a queue that does not' ],
    );
    for my $row (@table) {
        my ($queue, $subject, $how, $shown, $what) = @$row;
        $sink->clear;
        my $to = "$queue\@example.org";
        $desk->deliver(to => $to, mail => mail(to => $to, subject => "Re: $subject"), %$how);
        my ($ack) = $sink->wait_for(1);
        is($ack->{octets} =~ /^Subject: \[\w+-\d+\] \Q$subject\E\r?$/m ? 1 : 0, $shown, $what);
        is(scalar(() = $ack->{octets} =~ /$subject/g), $shown, 'there, and nowhere else');
    }
    is($desk->stop, 0, 'it stops cleanly');
};
done_testing;
