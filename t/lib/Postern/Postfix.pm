# Postern::Postfix - a real Postfix with its own configuration, queue and loopback port
#
# Needs root (master(8) does) and the Postfix of the system; touches nothing of the system's own
# instance: config_directory, queue_directory, data_directory and the log are in a temporary place.
package Postern::Postfix;
use v5.36;
use Carp qw(croak);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use JSON::PP ();
use Postern::Test qw(free_port wait_until spew slurp run must_have program
    guard unguard);
use Time::HiRes qw(sleep);

use constant { POLL_S => 0.05, NEWS_S => 30 };

# Skip the test where a real Postfix cannot run.
sub needed ($class) {
    must_have('postfix', $> == 0, 'a Postfix of our own can be started by root only');
    must_have('postfix', defined tool('postfix'), 'postfix is not installed');
    must_have('postfix', defined getpwnam('postfix'), 'there is no user postfix');
    return;
}

sub tool ($name) {
    for my $dir (qw(/usr/sbin /usr/bin /usr/local/sbin)) { return "$dir/$name" if -x "$dir/$name" }
    return undef;
}

# Make an instance, stopped.
# Takes   lmtp => 'inet:127.0.0.1:2424'   where mail of example.org goes by LMTP
#         pipe => [command, args ..]      where it goes by pipe(8) instead
#         relay_port => port              where all other mail goes (a Postern::Sink)
#         set => { parameter => value }   further parameters
#         master => "text"                further lines of master.cf
sub new ($class, %opt) {
    my $dir = tempdir('postern-pf-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0755, $dir;
    my $self = bless { %opt, dir => $dir, owner => $$, port => free_port() }, $class;
    mkdir "$dir/$_" for qw(etc queue data bin);
    chmod 0700, "$dir/data";
    chown scalar getpwnam('postfix'), -1, "$dir/data";
    spew("$dir/etc/main.cf",   $self->_main);
    spew("$dir/etc/master.cf", $self->_master);
    return $self;
}

sub start_new ($class, %opt) { return $class->new(%opt)->start }

sub dir ($self)        { return $self->{dir} }
sub config_dir ($self) { return "$self->{dir}/etc" }
sub port ($self)       { return $self->{port} }
sub log ($self)        { return slurp("$self->{dir}/log") // '' }

# A copy of a program of ours that the user of pipe(8) may run, wherever the build directory is.
sub public_program ($self, $name) {
    my $copy = "$self->{dir}/bin/$name";
    copy(program($name), $copy) or croak "$name: $!";
    chmod 0755, $copy;
    return $copy;
}

sub _main ($self) {
    my $lmtp = ($self->{lmtp} // '') =~ s/^inet:(.*):(\d+)$/lmtp:inet:$1:$2/r;
    my %set  = (
        compatibility_level            => 3.6,
        queue_directory                => "$self->{dir}/queue",
        data_directory                 => "$self->{dir}/data",
        maillog_file                   => "$self->{dir}/log",
        maillog_file_prefixes          => $self->{dir},
        mail_owner                     => 'postfix',
        setgid_group                   => 'postdrop',
        myhostname                     => 'mx.example.org',
        mydomain                       => 'example.org',
        mydestination                  => '',
        local_recipient_maps           => '',
        alias_maps                     => '',
        alias_database                 => '',
        inet_interfaces                => '127.0.0.1',
        inet_protocols                 => 'ipv4',
        mynetworks                     => '127.0.0.0/8',
        relay_domains                  => 'example.org',
        smtpd_relay_restrictions       => 'permit_mynetworks, reject_unauth_destination',
        smtpd_peername_lookup          => 'no',
        smtpd_authorized_xclient_hosts => '127.0.0.0/8',
        smtpd_client_connection_count_limit => 0,
        lmtp_send_xforward_command     => 'yes',
        disable_dns_lookups            => 'yes',
        smtp_host_lookup               => 'native',
        relayhost                      => '[127.0.0.1]:' . ($self->{relay_port} // free_port()),
        queue_run_delay                => '1s',
        minimal_backoff_time           => '1s',
        maximal_backoff_time           => '2s',
        transport_retry_time           => '1s',
        lmtp_destination_concurrency_limit => 20,
        lmtp_connect_timeout           => '5s',
        lmtp_data_done_timeout         => '60s',
        enable_long_queue_ids          => 'no',
        recipient_delimiter            => '+',
        postern_destination_recipient_limit => 1,
        postern_time_limit                  => '60s',
        relay_transport => $self->{pipe} ? 'postern:' : $lmtp || 'discard:',
        %{ $self->{set} // {} },
    );
    return join '', map {"$_ = $set{$_}\n"} sort keys %set;
}

sub _master ($self) {
    my $text = <<"END";
127.0.0.1:$self->{port} inet n - n - - smtpd
pickup    unix  n  -  n  60   1  pickup
cleanup   unix  n  -  n  -    0  cleanup
qmgr      unix  n  -  n  300  1  qmgr
tlsmgr    unix  -  -  n  1000? 1 tlsmgr
rewrite   unix  -  -  n  -    -  trivial-rewrite
bounce    unix  -  -  n  -    0  bounce
defer     unix  -  -  n  -    0  bounce
trace     unix  -  -  n  -    0  bounce
verify    unix  -  -  n  -    1  verify
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -    -  proxymap
smtp      unix  -  -  n  -    -  smtp
relay     unix  -  -  n  -    -  smtp
showq     unix  n  -  n  -    -  showq
error     unix  -  -  n  -    -  error
retry     unix  -  -  n  -    -  error
discard   unix  -  -  n  -    -  discard
local     unix  -  n  n  -    -  local
lmtp      unix  -  -  n  -    -  lmtp
anvil     unix  -  -  n  -    1  anvil
scache    unix  -  -  n  -    1  scache
postlog   unix-dgram n - n -  1  postlogd
END
    my @command = ref $self->{pipe} ? @{ $self->{pipe} } : ();
    $text .= "postern   unix  -  n  n  -    10  pipe\n  flags=q user=nobody argv=@command\n"
        if @command;
    return $text . ($self->{master} // '');
}

# Run a tool of Postfix on this instance. Gives (exit status, stdout, stderr).
sub tool_run ($self, $name, @args) {
    my $etc = $self->config_dir;
    return run({ env => { MAIL_CONFIG => $etc } }, tool($name), '-c', $etc, @args);
}

# Set a parameter, in the form of postconf -e.
sub set ($self, @assignments) {
    my ($status, $out, $err) = $self->tool_run('postconf', '-e', @assignments);
    croak "postconf: $err" if $status;
    return $self;
}

sub start ($self) {
    my @stop = (tool('postfix'), '-c', $self->config_dir, 'stop');
    $self->{guard} = guard(sub { system @stop });
    my ($status, $out, $err) = $self->tool_run('postfix', 'start');
    my $greeting = wait_until(NEWS_S, sub {
        my $s = IO::Socket::INET->new(PeerHost => '127.0.0.1', PeerPort => $self->{port});
        return $s && <$s>;
    });
    croak "postfix start: $status\n$out$err" . $self->log unless $greeting;
    $self->{running} = 1;
    return $self;
}

sub stop ($self) {
    $self->{running} = 0;
    my ($status, $out, $err) = $self->tool_run('postfix', 'stop');
    unguard(delete $self->{guard});
    return $status;
}

sub reload ($self) { my ($status) = $self->tool_run('postfix', 'reload'); return $status }
sub flush ($self)  { my ($status) = $self->tool_run('postfix', 'flush');  return $status }

# What waits: [ { queue_id, queue_name, sender, recipients => [ {address, delay_reason} ] }, .. ]
sub queue ($self) {
    my ($status, $out, $err) = $self->tool_run('postqueue', '-j');
    croak "postqueue: $err" if $status;
    return map { JSON::PP::decode_json($_) } split /\n/, $out;
}

# Wait until nothing waits any more; false when something still does.
sub wait_empty ($self, $seconds = NEWS_S) {
    return wait_until($seconds, sub { !$self->queue });
}

# Wait until a line of the log matches, and give what the pattern caught (or 1).
sub wait_log ($self, $pattern, $seconds = NEWS_S) {
    return wait_until($seconds, sub { $self->log =~ $pattern ? $1 // 1 : 0 });
}

# Hand it one mail by SMTP.
# Takes   from, to (one or [..]), mail; xclient => { ADDR => .., LOGIN => .. }
# Gives   the last reply: { code, text }
sub send ($self, %mail) {
    require Postern::LMTP;
    my $c = Postern::LMTP->connect("inet:127.0.0.1:$self->{port}");
    my $reply = $c->say('EHLO client.test');
    if (my $x = $mail{xclient}) {
        $reply = $c->say(join ' ', 'XCLIENT', map {"$_=$x->{$_}"} sort keys %$x);
        $reply = $c->say('EHLO client.test') if $reply->{code} == 220;
    }
    my @to = ref $mail{to} ? @{ $mail{to} } : $mail{to} // 'support@example.org';
    for ("MAIL FROM:<$mail{from}>", map({"RCPT TO:<$_>"} @to), 'DATA') {
        $reply = $c->say($_);
        return $reply if $reply->{code} >= 400;
    }
    $c->raw(Postern::LMTP::dotted($mail{mail}));
    $reply = $c->reply;
    $c->quit;
    return $reply;
}

sub DESTROY ($self) {
    return unless $self->{running} && $self->{owner} == $$;
    local ($?, $@);
    $self->stop;
    return;
}
1;
