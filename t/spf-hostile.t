#!/usr/bin/env perl
# spf-hostile.t - postern-spf against records and name servers that mean harm: it answers in time, never with
# a wrong pass, asks little, and lives
use v5.36;
use Postern::Dns;
use Postern::Spf;
use Postern::Test qw(slurp wait_until);
use Test::More;

my $client = '192.0.2.1';

# Start a server and a child that asks it.
sub pair ($zone, %opt) {
    my $dns = Postern::Dns->start(zone => $zone);
    return ($dns, Postern::Spf->start(server => $dns->at, try_ms => 400, tries => 2, %opt));
}

subtest 'records that overflow libspf2' => sub {
    my %zone = (
        'bomb.example.org' => [ [ TXT => 'v=spf1 -all exp=text.example.org' ] ],
        'text.example.org' => [ [ TXT => '%{d}a' x 43 ] ],
        'local.example.org'  => [ [ TXT => 'v=spf1 exists:%{L}%{S}%{H}.example.org -all' ] ],
        'macros.example.org' => [ [ TXT => 'v=spf1 exists:' . '%{d1r+-}' x 250 . '.example.org -all' ] ],
        'long.example.org'   => [ [ TXT => 'v=spf1 ' . join ' ', ('ip4:198.51.100.7') x 120, '-all' ] ],
        'wrap.example.org'   => [ [ TXT => 'v=spf1 ' . '-ip6:::1 ' x 255 . '+ip4:192.0.2.1 -all' ] ],
        'huge.example.org'   => [ [ TXT => 'v=spf1 ' . 'ip4:192.0.2.1 ' x 400 ] ],
        'nul.example.org'    => [ [ TXT => "v=spf1 +all\0 -all" ] ],
        'handle.example.org' => [ [ TXT => 'v=spf1 a:&0 include:&0 -all' ] ],
        'mxhandle.example.org' => [ [ TXT => 'v=spf1 mx -all' ], [ MX => 10, '&0' ], [ MX => 10, '&1' ] ],
        'ptr.example.org'    => [ [ TXT => 'v=spf1 ptr:&1 -all' ] ],
        '1.2.0.192.in-addr.arpa' => [ [ PTR => '&1' ], [ PTR => "a\x01.example.org" ] ],
    );
    my ($dns, $spf) = pair(\%zone);
    my %want = (
        'a@bomb.example.org' => 'fail', "\xff\xfe" x 100 . '@local.example.org' => 'fail',
        'a@macros.example.org' => 'fail',
        'a@long.example.org' => 'fail', 'a@wrap.example.org' => 'pass', 'a@huge.example.org' => 'permerror',
        'a@nul.example.org' => 'permerror', 'a@handle.example.org' => 'permerror',
        'a@mxhandle.example.org' => 'fail', 'a@ptr.example.org' => 'permerror',
    );
    for my $sender (sort keys %want) {
        my $got = $spf->check($client, "\xff" x 200, $sender);
        is($got->{result}, $want{$sender}, ($sender =~ s/[^ -~]/?/gr) . ": $got->{explanation}");
    }
    is($spf->n_died, 0, 'no child died');
    is(scalar(grep { /text\.example/ } $dns->asked), 0, 'nobody asked for the explanation');
};

subtest 'a record that makes others ask' => sub {
    my %zone = map { ("n$_.example.org" => [ [ TXT => 'v=spf1 include:n' . ($_ + 1) . '.example.org -all' ] ]) }
        0 .. 1000;
    $zone{'wide.example.org'} = [ [ TXT => join ' ', 'v=spf1', (map {"include:w$_.example.org"} 1 .. 10) ] ];
    for my $i (1 .. 10) {
        $zone{"w$i.example.org"} = [ [ TXT => 'v=spf1 ' . join ' ', map {"mx:m$i-$_.example.org"} 1 .. 10 ] ];
        $zone{"m$i-$_.example.org"} = [ map { [ MX => 1, "h$_-$i.example.org" ] } 1 .. 10 ] for 1 .. 10;
    }
    $zone{'void.example.org'} = [ [ TXT => join ' ', 'v=spf1', (map {"a:x$_.example.org"} 1 .. 10) ] ];
    my ($dns, $spf) = pair(\%zone);
    is($spf->check($client, 'mx', 'a@n0.example.org')->{result}, 'permerror', '1000 includes');
    cmp_ok(scalar(my @a = $dns->asked), '<=', 20, 'at most 20 questions');
    my $before = @a;
    is($spf->check($client, 'mx', 'a@wide.example.org')->{result}, 'permerror', 'includes of MX of hosts');
    cmp_ok(scalar(@a = $dns->asked) - $before, '<=', 20, 'at most 20 questions');
    $before = @a;
    my $void = $spf->check($client, 'mx', 'a@void.example.org');
    is($void->{result}, 'permerror', 'names that do not exist');
    is(scalar(@a = $dns->asked) - $before, 4, 'the record and three of them');
};

subtest 'a flood asks once' => sub {
    my ($dns, $spf) = pair({ 'example.org' => [ [ TXT => 'v=spf1 a -all' ], [ A => $client ] ] });
    is($spf->check($client, 'mx', "u$_\@example.org")->{result}, 'pass', "check $_") for 1 .. 5;
    is(join(',', $dns->asked), 'TXT example.org,A example.org', 'two questions for five checks');
};

subtest 'name servers that lie' => sub {
    my $evil = '203.0.113.66';
    my %zone = (
        'poison.example.org' => [ [ TXT => 'v=spf1 a:host.poison.example.org -all' ] ],
        'host.poison.example.org' => [ [ POISON => $evil ], [ A => $client ] ],
        'flood.example.org'  => [ [ TXT => 'v=spf1 a:host.flood.example.org -all' ] ],
        'host.flood.example.org' => [ [ FLOOD => $evil ], [ A => $client ] ],
        'mix.example.org'    => [ ['MIX'], [ TXT => 'v=spf1 +all' ] ],
        'loop.example.org'   => [ [ CNAME => 'pool.example.org' ] ],
        'pool.example.org'   => [ [ CNAME => 'loop.example.org' ] ],
        'alias.example.org'  => [ [ CNAME => 'real.example.org' ] ],
        'real.example.org'   => [ [ TXT => 'v=spf1 ip4:192.0.2.1 -all' ] ],
        'fail.example.org'   => [ ['SERVFAIL'] ],
        'big.example.org'    => [ [ TXT => 'v=spf1 ip4:192.0.2.1 -all' ], map { [ TXT => "t$_" x 50 ] } 1 .. 200 ],
        'many.example.org'   => [ [ TXT => 'v=spf1 +all' ], map { [ TXT => $_ ] } 1 .. 300 ],
        'tcp.example.org'    => [ ['TRUNCATE'], [ TXT => 'v=spf1 ip4:192.0.2.1 -all' ] ],
        'cut.example.org'    => [ ['TRUNCATE'], ['CUT'], [ TXT => 'v=spf1 +all' ] ],
        'silent.example.org' => [ ['TRUNCATE'], [ SLOW => 30 ], [ TXT => 'v=spf1 +all' ] ],
        'two.example.org'    => [ [ TXT => 'v=spf1 +all' ], [ TXT => 'v=spf1 -all' ] ],
    );
    my ($dns, $spf) = pair(\%zone);
    my %want = (
        poison => [ pass => 'fail' ], flood => [ pass => 'fail' ], mix => [ ('temperror') x 2 ],
        loop => [ ('temperror') x 2 ], alias => [ pass => 'fail' ], fail => [ ('temperror') x 2 ],
        big => [ pass => 'fail' ], many => [ ('temperror') x 2 ], tcp => [ pass => 'fail' ],
        cut => [ ('temperror') x 2 ], silent => [ ('temperror') x 2 ], two => [ ('permerror') x 2 ],
    );
    for my $name (sort keys %want) {
        my @got = map { $spf->check($_, 'mx', "a\@$name.example.org") } $client, $evil;
        is($got[0]{result}, $want{$name}[0], "$name: the client: $got[0]{explanation}");
        is($got[1]{result}, $want{$name}[1], "$name: a forger: $got[1]{explanation}");
        cmp_ok($got[$_]{seconds}, '<', 3, "$name: in time") for 0, 1;
    }
    ok((grep { $_ eq 'TXT tcp.example.org tcp' } $dns->asked), 'the truncated one was asked by TCP');
    is($spf->n_died, 0, 'no child died');
};

subtest 'name servers that are dead or slow' => sub {
    my %zone = (
        'dead.example.org' => [ ['TIMEOUT'] ],
        'slow.example.org' => [ [ SLOW => 30 ], [ TXT => 'v=spf1 +all' ] ],
        'each.example.org' => [ [ TXT => 'v=spf1 ptr ?all' ] ],
        'late.example.org' => [ [ SLOW => 0.2 ], [ TXT => 'v=spf1 ip4:192.0.2.1 -all' ] ],
        '1.2.0.192.in-addr.arpa' => [ map { [ PTR => "dead$_.example.org" ] } 1 .. 10 ],
        map { ("dead$_.example.org" => [ ['TIMEOUT'] ]) } 1 .. 10,
    );
    my ($dns, $spf) = pair(\%zone, check_ms => 2000);
    my %want = (dead => 'temperror', slow => 'temperror', each => 'temperror', late => 'pass');
    for my $name (sort keys %want) {
        my $got = $spf->check($client, 'mx', "a\@$name.example.org");
        is($got->{result}, $want{$name}, "$name: $got->{explanation}");
        cmp_ok($got->{seconds}, '<', 3, "$name: in time");
    }
    $dns->stop;
    my $got = $spf->check($client, 'mx', 'a@nobody.example.org');
    is($got->{result}, 'temperror', "nobody listens: $got->{explanation}");
    cmp_ok($got->{seconds}, '<', 1, 'and that is known at once');
    is($spf->n_died, 0, 'no child died');
};

subtest 'clients and senders' => sub {
    my %zone = (
        'example.org' => [ [ TXT => 'v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 -all' ] ],
        'open.example.org' => [ [ TXT => 'v=spf1 +all' ] ],
        'minus.example.org' => [ [ TXT => 'v=spf1 ip4:0.0.0.0/0 -all' ] ],
    );
    my ($dns, $spf) = pair(\%zone);
    my @cases = (
        [ '192.0.2.1',        'a@example.org',   'pass',  'IPv4' ],
        [ '::ffff:192.0.2.1', 'a@example.org',   'pass',  'IPv4 in IPv6 clothes' ],
        [ '2001:db8::1',      'a@example.org',   'pass',  'IPv6' ],
        [ '2001:db9::1',      'a@example.org',   'fail',  'another network' ],
        [ '192.0.2.2',        'a@EXAMPLE.org.',  'fail',  'case, and a dot at the end' ],
        [ '198.51.100.1',     'a@minus.example.org', 'pass', 'a prefix length of 0' ],
        [ '2001:db8::1',      'a@minus.example.org', 'fail', 'which is for IPv4 only' ],
        [ '127.0.0.1',        'a@example.org',   'none',  'loopback never passes' ],
        [ '127.9.9.9',        'a@open.example.org', 'none', 'all of it' ],
        [ '::1',              'a@open.example.org', 'none', 'nor in IPv6' ],
        [ '::ffff:127.0.0.1', 'a@open.example.org', 'none', 'nor in clothes' ],
        [ '192.0.2.1, x',     'a@open.example.org', 'none', 'no address' ],
        [ '',                 'a@open.example.org', 'none', 'nothing for an address' ],
        [ '192.0.2.1',        'a@b@example.org', 'pass',  'two at-signs: the last one counts' ],
        [ '192.0.2.1',        'a@192.0.2.1',     'none',  'an address for a domain' ],
        [ '192.0.2.1',        "a\@ex\xc3\xa4mple.org", 'none', 'octets that no DNS name has' ],
        [ '192.0.2.1',        'a@nowhere.example.org', 'none', 'no such domain' ],
        [ '192.0.2.1',        '',                'none',  'null sender, and a name that is no domain' ],
    );
    for (@cases) {
        my ($address, $sender, $want, $what) = @$_;
        my $got = $spf->check($address, 'mx', $sender);
        is($got->{result}, $want, "$what: $got->{explanation}");
        unlike($got->{explanation}, qr/[\x00-\x1f\x7f]/, 'in one clean line');
    }
    my $helo = $spf->check('192.0.2.2', 'example.org', '');
    is("$helo->{result} $helo->{domain}", 'fail example.org', 'null sender: the HELO name is checked');
    is($spf->n_died, 0, 'no child died');
};

subtest 'two processes, one jail each' => sub {
    my ($dns, $spf) = pair({ 'example.org' => [ [ TXT => 'v=spf1 ip4:192.0.2.1 -all' ] ] });
    my $resolver = sub { (split ' ', slurp('/proc/' . $spf->pid . '/task/' . $spf->pid . '/children'))[0] };
    my $first    = $resolver->() // 0;
    my $state    = sub ($pid) { slurp("/proc/$pid/status") // '' };
    SKIP: {
        skip 'the sanitizers need what the jails forbid', 3 if $spf->hello =~ /no seccomp/;
        like($state->($_), qr/^Seccomp:\s*2$/m, "process $_ has its filter") for $spf->pid, $first;
        unlike($spf->hello, qr/socket/, 'the one with libspf2 makes no sockets: ' . $spf->hello);
    }
    is($spf->check($client, 'mx', 'a@example.org')->{result}, 'pass', 'they serve');
    kill 'KILL', $first;
    my $got = $spf->check($client, 'mx', 'b@example.net');
    is("$got->{result} " . $spf->n_died, 'temperror 1', 'without its resolver the child ends');
    is($spf->check($client, 'mx', 'a@example.org')->{result}, 'pass', 'the next one has a new resolver');
    my $second = $resolver->();
    $spf->stop;
    ok(wait_until(5, sub { $state->($second) !~ /^State:\s*[^Z]/m }), 'a resolver ends with its child');
};

subtest 'requests that are none' => sub {
    my ($dns, $spf) = pair({});
    my %bad = (
        'empty' => '', 'a length that lies' => pack('n', 9), 'octets behind' => pack('(n/a)3 a', '', '', '', 'x'),
        'a NUL inside' => pack('(n/a)3', "1\0", '', ''), 'a name too long' => pack('(n/a)3', '', 'h' x 256, ''),
        'far too long' => 'x' x 5000,
    );
    for my $what (sort keys %bad) {
        is($spf->raw($bad{$what}), undef, "$what: the child ends");
        $spf->stop;
        $spf = Postern::Spf->start(server => $dns->at);
    }
    is($spf->check($client, 'mx', 'a@example.org')->{result}, 'none', 'the next one serves');
};
done_testing;
