#!/usr/bin/env perl
# e2e-exec.t - programs of the operator's as filters: each way to answer, and each way to fail; the mail is
# never lost, and nothing that they start outlives them
use v5.36;
use Test::More;
use File::Temp qw(tempdir);
use Time::HiRes qw(time);
use Postern::Mail qw(mail);
use Postern::Test qw(source_dir spew run wait_until);

my $dir = tempdir('postern-exec-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# A program that does what the subject says.
my $acts = spew("$dir/acts", <<'END');
#!/usr/bin/perl
use strict; use warnings;
my ($what, $more) = split / /, $ENV{POSTERN_SUBJECT}, 2;
my %act = (
    say    => sub { print map { "$_\n" } split / ; /, $more },
    status => sub { print "Tag: unseen\n"; $| = 1; print ''; exit $more },
    crash  => sub { print "Tag: unseen\n"; kill SEGV => $$; sleep 5 },
    hang   => sub { $| = 1; print "Tag: unseen\n"; sleep 100 },
    spin   => sub { 1 while 1 },
    memory => sub { my @x; push @x, 'x' x 1_000_000 for 1 .. 1000; print "Tag: unseen\n" },
    much   => sub { my $line = "Tag: unseen\n" x 1000; print $line for 1 .. 8000 },
    orphan => sub { return if fork; return if fork; setpgrp; exec 'sleep', '4711' },
    mail   => sub { my $n = 0; $n += length while <STDIN>; seek STDIN, 0, 0; $n -= length while <STDIN>;
                    print "Tag: n$n\n"; print "Tag: some\n" },
    seen   => sub { print "Tag: $ENV{POSTERN_FROM_NAME}\n" },
    fds    => sub { opendir my $d, '/proc/self/fd' or die; my @all = grep { /^\d/ } readdir $d;
                    print 'Tag: fds', @all - 1, "\n" },
    env    => sub { print 'Tag: ', join('.', map { lc } grep { !/^POSTERN_/ } sort keys %ENV), "\n" },
);
($act{ $what // '' } // sub { })->();
END
chmod 0755, $acts;
my $headers = source_dir() . '/filters/examples/spam-headers';

my %set = (
    'queue.support.address' => 'support@example.org', 'queue.support.prefix' => 'ACM',
    'queue.sales.address' => 'sales@example.org', 'queue.sales.prefix' => 'SAL',
    exec_filters => "$acts, $headers", exec_deadline_s => '2s', exec_memory_octets => '128M',
);
my $desk = Postern::Test->start(set => \%set);
my $n = 0;

# Deliver; gives (reference, or cause held for, or the whole reply).
sub deliver ($subject, %m) {
    my ($reply) = $desk->deliver(mail => mail(subject => $subject, body => 'mail ' . $n++ . "\n", %m));
    return $reply->{text} =~ /filed as ([A-Z]+-\d+)/ ? $1 : $reply->{text} =~ /\((.+)\)$/ ? $1 : $reply->{text};
}

sub tags ($ref) { return join ' ', @{ $desk->json('show', $ref)->{ticket}{tags} } }

# A mail that a program fails on is filed as if it had not been asked, and the log says why.
sub fails ($subject, $why, $what, %m) {
    my $at  = length $desk->log;
    my $ref = deliver($subject, %m);
    like($ref, qr/^ACM-/, "$what: the mail is filed");
    is(tags($ref), '', "$what: nothing that it said counts");
    like(substr($desk->log, $at), qr/filter-failed program="acts" .*$why/, "$what: the log says why");
    return;
}

my $ref = deliver('nothing to say');
like($ref, qr/^ACM-/, 'a program that says nothing');
is(tags($ref), '', 'no tags');
is(tags(deliver('say Tag: vip ; tag:urgent ; Tag: vip')), 'vip urgent', 'tags');
is(deliver('say Hold: too many points'), 'filter', 'held');
my ($held) = $desk->json('held', 'list')->@*;
is($held->{detail}, 'acts: Hold too many points', 'with its reason');
my ($status, $out, $err) = $desk->postern('held', 'release', $held->{held});
is($status, 0, 'and released, without asking it again') or diag $err;
is(deliver('status 77'), 'filter', 'held by the exit status');
like(deliver('status 75'), qr/try again later/, 'asked to try again: Postfix keeps the mail');
my $bought = deliver('say Queue: sales ; Tag: lead');
like($bought, qr/^SAL-/, 'another queue');
is($desk->json('show', $bought)->{ticket}{queue}, 'sales', 'in truth');
my %both = (mail => mail(subject => 'say Queue: sales'), to => [ 'support@example.org', 'sales@example.org' ]);
my @replies = $desk->deliver(%both);
is("$replies[0]{text} $replies[1]{text}" =~ s/SAL-\d+/SAL/gr =~ s/2\.0\.0 //gr, 'filed as SAL already filed as SAL',
    'to both queues at once: one ticket');
@replies = $desk->deliver(%both);
like("$replies[0]{text} $replies[1]{text}", qr/already filed as SAL\S+ 2\.0\.0 already filed/, 'delivered again: known');
is($desk->json('show', deliver('say Class: auto'))->{messages}[0]{class}, 'auto', 'a class');
is(tags(deliver('fds')), 'fds3', 'it has three descriptors');
is(tags(deliver('env')), 'lc_all.path', 'an environment of its own');
is(tags(deliver('mail', body => 'x' x 70 . "\n")), 'n0 some', 'and the mail, in which it may seek');
my @evil = (from => "\"\$(touch $dir/pwned) `touch $dir/pwned`\" <a\@b.test>");
fails('seen', 'it answered .*touch', 'a name with commands in it', @evil);
ok(!-e "$dir/pwned", 'runs nothing');

fails("say $_->[0]", 'it answered', $_->[1]) for
    [ 'Tag: UPPER', 'a tag in capitals' ], [ 'Tag: ok ; what is this', 'a line that is none' ],
    [ 'Queue: nowhere', 'a queue that is none' ], [ 'Class: own', 'a class that nobody may give' ],
    [ 'Tag: ' . 'x' x 50, 'a long tag' ], [ join(' ; ', map { "Tag: t$_" } 1 .. 11), 'too many tags' ];
fails('status 3', 'status 3', 'another status');
fails('crash', 'signal 11', 'a crash');
my $start = time;
fails('hang', 'too long', 'one that hangs');
cmp_ok(time - $start, '<', 20, 'is ended');
fails('spin', 'too long|signal (?:9|24)', 'one that spins');
fails('memory', 'status|signal', 'one that eats memory');
fails('much', 'more than 65536', 'one that prints 100 MB');
like(deliver('orphan'), qr/^ACM-/, 'one that leaves a process behind');
ok(!grep({ (Postern::Test::slurp("$_/cmdline") // '') =~ /^sleep\0004711/ } glob '/proc/[0-9]*'), 'which is ended');

my @spam = (headers => [ [ 'X-Spam-Status', 'Yes, score=7.1 required=5.0 tests=X' ], [ 'X-Spam-Flag', 'YES' ] ]);
is(tags(deliver('hi', @spam)), 'spam', 'spam-headers: SpamAssassin, a few points');
is(tags(deliver('hi', headers => [ [ 'X-Spam-Status', 'No, score=-1 required=5' ] ])), '', 'none');
@spam = (headers => [ [ 'X-Spamd-Result', 'default: True [17.21 / 15.00]; BAYES_SPAM(5.10)[100.00%]' ] ]);
is(deliver('hi', @spam), 'filter', 'rspamd, many points');
is($desk->json('held', 'list')->[-1]{detail}, 'spam-headers: Hold spam with 17.21 points', 'with its reason');
is(deliver('say Tag: x', @spam), 'filter', 'after another one that only tags');

my $file = spew("$dir/mail", mail(subject => 'say Tag: vip'));
($status, $out) = $desk->postern('explain', $file);
like($out, qr/exec.*acts: Tag vip/s, 'explain shows what it said');
is($desk->stop, 0, 'a clean end');

$desk = Postern::Test->start(set => { %set, exec_must_answer => 'yes' });
like(deliver('crash'), qr/try again later/, 'exec_must_answer: Postfix keeps the mail');
like(deliver('nothing'), qr/^ACM-/, 'but not that of one that answers');
$desk->stop;

$desk = Postern::Test->start(set => { %set, exec_filters => "$dir/none" }, may_fail => 1);
ok(wait_until(10, sub { $desk->ended }), 'a program that is not there: no start');
like($desk->log, qr{cannot run \Q$dir\E/none}, 'and the log says so');
done_testing;
