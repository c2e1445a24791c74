#!/usr/bin/env perl
# e2e-wiring.t - contrib/postern-postfix wires addresses into a real Postfix, and out again exactly
use v5.36;
use Test::More;
use Postern::Mail qw(mail);
use Postern::Postfix;
use Postern::Sink;
use Postern::Test qw(source_dir slurp spew run);

Postern::Postfix->needed;
my $script = source_dir() . '/contrib/postern-postfix';
my $sink   = Postern::Sink->start;

# A Postfix that knows nothing of Postern and takes mail for three kinds of domain.
my $pf = Postern::Postfix->new(
    set => {
        mydestination           => 'local.test',
        local_recipient_maps    => 'inline:{ {root=x} }',
        virtual_mailbox_domains => 'boxes.test',
        virtual_mailbox_maps    => 'inline:{ {info@boxes.test=x} }',
        virtual_alias_domains   => 'alias.test',
        relay_transport         => 'discard:',
        lmtp_send_xforward_command => 'no',
    }
);
my $etc = $pf->config_dir;
spew("$etc/main.cf", slurp("$etc/main.cf") =~ s/^relay_domains.*\n//mr . <<'END');

# an administrator's own words
transport_maps = inline:{
# with a comment inside
   {other.test=discard:},
   {more.test=discard:}
   }

relay_domains = other.test
END

sub wire (@args) { return run($^X, $script, $args[0], '-c', $etc, @args[ 1 .. $#args ]) }
sub answer_to ($to) {
    return $pf->send(from => 'ada@customer.test', to => $to, mail => mail())->{code};
}
sub config () { return { map { s{.*/}{}r => slurp($_) } glob "$etc/*" } }
my @lmtp = ('--lmtp', 'inet:127.0.0.1:' . $sink->port);
my $before = config();

subtest 'what cannot be is refused in words, and changes nothing' => sub {
    my %refused = (
        'no-at-sign'             => [ 64, qr/not an address/ ],
        'a b@local.test'         => [ 64, qr/not an address/ ],
        "x\@local.test\nfoo=bar" => [ 64, qr/not an address/ ],
        'help@alias.test'        => [ 78, qr/virtual alias domain/ ],
        'help@unknown.test'      => [ 78, qr/takes no mail for unknown\.test/ ],
    );
    for my $address (sort keys %refused) {
        my ($status, $out, $err) = wire('add', $address, @lmtp);
        is($status, $refused{$address}[0], "exit status for $address");
        like($err, $refused{$address}[1], 'words');
    }
    my ($status, $out, $err) = wire('add', 'a@local.test', '--lmtp', 'tcp:nowhere');
    is($status, 64, 'a place must be one');
    ($status, $out, $err) = wire('add', 'a@local.test', @lmtp, '--pipe');
    is($status, 64, 'one way only');
    ($status, $out, $err) = wire('add', 'a@local.test', '--check', 'unix:/a b');
    is($status, 64, 'a place to ask must be one too');
    ($status, $out, $err) = wire('add', 'a@local.test', '--check', 'unix:/a', '--no-check');
    is($status, 64, 'asked or not');
    ($status) = run($^X, $script, 'add', 'a@local.test', '-c', "$etc/nowhere");
    is($status, 66, 'a configuration that is not there');
    is_deeply(config(), $before, 'all files are as they were');
};

subtest 'a dry run shows and does not do' => sub {
    my ($status, $out, $err) = wire('add', 'support@local.test', @lmtp, '--dry-run');
    is($status, 0, 'exit status') or diag $err;
    my $table = quotemeta 'texthash:$config_directory/postern_transport';
    like($out, qr/^\+transport_maps = $table, inline:/m,            'maps');
    like($out, qr/^\+postern-lmtp unix/m,                           'service');
    like($out, qr/^\+support\@local\.test postern-lmtp:inet:127/m,  'address');
    like($out, qr/^note: smtpd_forbid_bare_newline is "no"/m,       'smuggling is spoken of');
    is_deeply(config(), $before, 'all files are as they were');
};

my $wired;
subtest 'adding, adding again' => sub {
    my ($status, $out, $err) = wire('add', 'Support@Local.test', 'help@boxes.test', @lmtp);
    is($status, 0, 'exit status') or diag $err;
    $wired = config();
    my ($again, $said) = wire('add', 'help@boxes.test', 'support@local.test', @lmtp);
    is($again, 0, 'exit status');
    like($said, qr/^Nothing to change/, 'idempotent');
    is_deeply(config(), $wired, 'and says the truth');
    my ($list, $shown) = wire('list');
    is($shown =~ tr/\n//, 2, 'both are listed');
};

$pf->start;
subtest 'mail takes the new way, other mail its old one' => sub {
    for my $to (qw(support@local.test support+x@local.test help@boxes.test)) {
        is(answer_to($to), 250, "to $to");
    }
    for my $to (qw(nobody@local.test nobody@boxes.test)) {
        is(answer_to($to), 550, "not $to");
    }
    is(answer_to('x@more.test'), 250, 'the old transport map');
    ok($pf->wait_log(qr/to=<x\@more\.test>, relay=none,.*status=sent/), 'still counts');
    my @mails = $sink->wait_for(3);
    is_deeply([ sort map { $_->{to}[0] } @mails ],
        [qw(help@boxes.test support+x@local.test support@local.test)], 'they came by LMTP');
};

subtest 'a running Postfix hears of it, and of the end of it' => sub {
    my ($status, $out, $err) = wire('add', 'new@fresh.test', @lmtp, '--add-domain');
    is($status, 0, 'a domain of its own') or diag $err;
    ok($pf->wait_log(qr/reload/), 'reloaded');
    is(answer_to('new@fresh.test'), 250, 'taken');
    is(scalar($sink->wait_for(4)), 4, 'and handed over');
    ($status) = wire('add', 'second@fresh.test', @lmtp);
    is($status, 0, 'a second address of that domain');
    ($status) = wire('add', 'new@fresh.test', '--undo');
    is($status, 0, 'the first goes');
    is(answer_to('second@fresh.test'), 250, 'the second stays');
    ($status) = wire('add', 'second@fresh.test', '--undo');
    is_deeply(config(), $wired, 'the state before, octet for octet');
};

subtest 'pipe' => sub {
    my $was = config();
    my ($status, $out, $err) =
        wire('add', 'piped@local.test', '--pipe', '--user', 'nobody', '--program', '/opt/postern');
    is($status, 0, 'exit status') or diag $err;
    my ($code, $service) = $pf->tool_run('postconf', '-M', 'postern-pipe/unix');
    my $argv = qr/argv=\/opt\/postern deliver .* -- \$\{recipient\}/s;
    like($service, qr/null_sender= .*$argv/s, 'the service');
    like($service, qr/--time-limit (\d+)/, 'gives up by itself');
    ($code, my $limits) = $pf->tool_run('postconf', '-n');
    like($limits, qr/^postern-pipe_destination_recipient_limit = 1$/m, 'one status, one recipient');
    like($limits, qr/^postern-pipe_time_limit = 300s$/m,               'after its own limit');
    wire('add', 'piped@local.test', '--undo');
    is_deeply(config(), $was, 'undone');
};

subtest 'the check is asked about queue addresses, and about no others' => sub {
    my $was = config();
    my @check = ('--check', "unix:$etc/none");
    my ($status, $out, $err) = wire('add', 'support@local.test', @lmtp, @check);
    is($status, 0, 'exit status') or diag $err;
    like($out, qr/^note: nobody answers at \Q$etc\E\/none yet/m, 'nobody there: said');
    like($out, qr/^\+smtpd_recipient_restrictions = check_recipient_access texthash:/m, 'shown');
    my $with = config();
    ($status, $out) = wire('add', 'support@local.test', @lmtp, @check);
    like($out, qr/^Nothing to change/, 'idempotent');
    $pf->wait_log(qr/reload(?:.*\n)+.*reload/);
    is(answer_to($_), 451, "to $_: put off")
        for qw(support@local.test support+acm-104231-aaaaaaaaaaaaa@local.test);
    is(answer_to($_), 250, "to $_: as ever") for qw(help@boxes.test x@more.test);
    is(answer_to('nobody@local.test'), 550, 'nobody is still nobody');
    ($status) = wire('add', 'help@boxes.test', '--lmtp', 'unix:/srv/here/lmtp');
    my ($code, $set) = $pf->tool_run('postconf', '-n');
    like($set, qr/^postern_check = .* proxy:socketmap:unix:\/srv\/here\/socketmap:access$/m,
        'beside the LMTP socket');
    like($set, qr/^postern_check_2 = .*\/none:access$/m,                      'two places');
    like($set, qr/^smtpd_restriction_classes = postern_check, postern_check_2$/m, 'two classes');
    like(slurp("$etc/postern_check"), qr/^support\@local\.test postern_check_2$/m, 'each its own');
    wire('add', 'help@boxes.test', @lmtp);
    is_deeply(config(), $with, 'taken back');
    ($status, $out) = wire('add', 'support@local.test', @lmtp);
    is_deeply(config(), $was, 'and all of it');
    like($out, qr/^note: no check was wired/m, 'a port tells no place');
};
is($pf->stop, 0, 'Postfix stopped');

subtest 'all undone' => sub {
    my ($status, $out, $err) = wire('add', 'support@local.test', 'help@boxes.test', '--undo');
    is($status, 0, 'exit status') or diag $err;
    is_deeply(config(), $before, 'every file is as it was, octet for octet');
    ($status, $out) = wire('add', 'support@local.test', '--undo');
    like($out, qr/^Nothing to change/, 'undone twice');
};

subtest 'restrictions of the administrator stay, behind ours' => sub {
    my $main = slurp("$etc/main.cf");
    spew("$etc/main.cf", "$main\nsmtpd_restriction_classes = mine\nmine = permit\n"
        . "smtpd_recipient_restrictions =\n  permit_mynetworks,\n  reject_unauth_destination\n");
    my $was = config();
    my ($status, $out) =
        wire('add', 'support@local.test', '--lmtp', 'unix:/run/postern/lmtp', '--dry-run');
    is_deeply(config(), $was, 'a dry run');
    like($out, qr/^\+support\@local\.test postern_check$/m, 'shows the table too');
    wire('add', 'support@local.test', '--lmtp', 'unix:/run/postern/lmtp');
    my ($code, $set) = $pf->tool_run('postconf', '-n');
    my $check = quotemeta 'check_recipient_access texthash:$config_directory/postern_check';
    like($set, qr/^smtpd_recipient_restrictions = $check, permit_mynetworks, reject_/m, 'both');
    like($set, qr/^smtpd_restriction_classes = mine, postern_check$/m, 'classes');
    like($set, qr/^proxy_read_maps = .*\$relay_recipient_maps.*, \$postern_check$/m, 'proxymap');
    wire('add', 'support@local.test', '--undo');
    is_deeply(config(), $was, 'and undone');
    wire('add', 'support@local.test', '--lmtp', 'unix:/run/postern/lmtp', '--no-check');
    ok(!-e "$etc/postern_check", 'not where it is not wanted');
    ($code, $set) = $pf->tool_run('postconf', '-n');
    unlike($set, qr/postern_check/, 'not a word of it');
    wire('add', 'support@local.test', '--undo');
    spew("$etc/main.cf", "$main\npostern_check = permit\n");
    ($status) = wire('add', 'support@local.test', '--lmtp', 'unix:/run/postern/lmtp');
    is($status, 78, 'a class of that name that is not ours');
    spew("$etc/main.cf", $main);
};

subtest 'a domain that Postfix relays for only because of us' => sub {
    my $main = slurp("$etc/main.cf");
    spew("$etc/main.cf", $main =~ s/^relay_domains = .*/relay_domains =/mr);
    my $was = config();
    wire('add', 'new@fresh.test', @lmtp, '--add-domain');
    my ($code, $set) = $pf->tool_run('postconf', '-n');
    like($set, qr/^relay_recipient_maps = texthash:\S+postern_transport$/m, 'has no other address');
    wire('add', 'new@fresh.test', '--undo');
    is_deeply(config(), $was, 'undone');
    spew("$etc/main.cf", $main);
};

subtest 'files without an end, broken blocks, names taken' => sub {
    my $main = slurp("$etc/main.cf");
    spew("$etc/main.cf", "${main}myorigin = local.test");
    my $was = config();
    my ($status) = wire('add', 'support@local.test', @lmtp, '--pipe');
    ($status) = wire('add', 'support@local.test', '--pipe');
    is($status, 0, 'a last line without its end');
    ($status) = wire('add', 'support@local.test', '--undo');
    is_deeply(config(), $was, 'and back');
    wire('add', 'support@local.test', @lmtp);
    spew("$etc/main.cf", slurp("$etc/main.cf") =~ s/^# <<< postern\n//mr);
    ($status, my $out, my $err) = wire('add', 'support@local.test', '--undo');
    is($status, 78, 'a broken block is not guessed at');
    like($err, qr/mend it/, 'words');
    unlink "$etc/postern_transport";
    spew("$etc/main.cf", $main);
    spew("$etc/master.cf", $before->{'master.cf'} . "postern-lmtp unix - - n - - lmtp\n");
    ($status, $out, $err) = wire('add', 'support@local.test', @lmtp);
    is($status, 78, 'a foreign service of that name');
    ok(!-e "$etc/postern_transport", 'nothing is left');
};
done_testing;
