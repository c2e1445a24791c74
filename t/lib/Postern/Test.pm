# Postern::Test - a posternd of one's own in a throw-away directory, and postern(1) to ask it
package Postern::Test;
use v5.36;
use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX qw(WNOHANG);
use Socket qw(SOCK_DGRAM);
use Test::More ();
use Time::HiRes qw(time sleep);

our @EXPORT_OK = qw(must_have free_port wait_until source_dir build_dir program spew slurp run
    guard unguard);

use constant { READY_S => 30, STOP_S => 20, POLL_S => 0.02, NOBODY_UID => 65534 };

my %running;    # pid => 1: what END must not leave behind

sub source_dir () { return abs_path($ENV{srcdir}   // dirname(__FILE__) . '/../../..') }
sub build_dir ()  { return abs_path($ENV{builddir} // source_dir()) }

# The path of a program of ours.
sub program ($name) { return build_dir() . "/$name" }

# Skip the whole test unless a thing is there; POSTERN_MUST_RUN=postfix,... makes that a failure.
sub must_have ($thing, $is_there, $how = "$thing is missing") {
    return if $is_there;
    my %must = map { $_ => 1 } split /[\s,]+/, $ENV{POSTERN_MUST_RUN} // '';
    if ($must{$thing}) {
        Test::More::fail("$thing: $how");
        Test::More::done_testing();
        exit 1;
    }
    Test::More::plan(skip_all => $how);
    exit 0;
}

# A loopback port that nobody listens on.
sub free_port () {
    my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1, Proto => 'tcp')
        or croak "no free port: $!";
    return $s->sockport;
}

# Call until it is true, and give what it gave; undef when it never was.
sub wait_until ($seconds, $call) {
    my $deadline = time + $seconds;
    while (1) {
        my $got = $call->();
        return $got if $got || time > $deadline;
        sleep POLL_S;
    }
}

sub spew ($path, $octets) {
    open my $fh, '>:raw', $path or croak "$path: $!";
    print {$fh} $octets;
    close $fh or croak "$path: $!";
    return $path;
}

sub slurp ($path) {
    open my $fh, '<:raw', $path or return undef;
    local $/;
    return <$fh> // '';
}

# Run a program to its end.
# Takes   {in => octets, env => {..}, seconds => limit} first, when wanted
# Gives   (exit status or -signal, stdout, stderr)
sub run (@command) {
    my $how = ref $command[0] ? shift @command : {};
    my $dir = tempdir(CLEANUP => 1);
    spew("$dir/in", $how->{in} // '');
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        local %ENV = (%ENV, %{ $how->{env} // {} });
        open STDIN,  '<', "$dir/in"  or POSIX::_exit(126);
        open STDOUT, '>', "$dir/out" or POSIX::_exit(126);
        open STDERR, '>', "$dir/err" or POSIX::_exit(126);
        alarm($how->{seconds} // 120);
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my $status = $? & 127 ? -($? & 127) : $? >> 8;
    return ($status, slurp("$dir/out"), slurp("$dir/err"));
}

# Call something when this test dies in a way that lets neither DESTROY nor END run.
# Gives   what unguard takes back
sub guard ($call) {
    pipe my $read, my $write or croak "pipe: $!";
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        setpgrp;
        close $write;
        open STDOUT, '>', '/dev/null';    # a driver waits for the end of our output
        open STDERR, '>', '/dev/null';
        sysread $read, my $nothing, 1;
        $call->();
        POSIX::_exit(0);
    }
    return { pid => $pid, write => $write };
}

sub unguard ($guard) {
    return unless $guard;
    local $?;
    CORE::kill 'KILL', $guard->{pid};
    waitpid $guard->{pid}, 0;
    return;
}

# Start posternd and wait until it says that it is ready.
# Takes   set => { name => value }   settings beside those that make it run here
#         conf => text               of its configuration file; else that is empty
#         env => { NAME => value }   environment
#         wrap => [ .. ]             command that runs it, as valgrind
#         public => 1                sockets that other users of this machine may reach (Postfix)
#         smtp_port => port          where notices go; else nobody listens there
#         dir => path                an existing directory; else a new one
#         may_fail => 1              give the object also when it ended instead; see ended
sub start ($class, %opt) {
    my $self = bless { %opt, owner => $$ }, $class;
    $self->{dir} //= tempdir('postern-t-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0755, $self->{dir} if $opt{public};
    spew("$self->{dir}/postern.conf", $opt{conf} // '');
    $self->{lmtp_port} //= free_port();
    $self->{smtp_port} //= free_port();
    $self->up;
    return $self;
}

sub dir ($self)     { return $self->{dir} }
sub pid ($self)     { return $self->{pid} }
sub control ($self) { return "$self->{dir}/control" }

sub conf ($self)    { return "$self->{dir}/postern.conf" }

sub lmtp ($self) {
    return $self->{public} ? "inet:127.0.0.1:$self->{lmtp_port}" : "unix:$self->{dir}/lmtp";
}

# The settings it runs with, as -o options.
sub options ($self) {
    my %set = (
        state_dir            => "$self->{dir}/state",
        run_dir              => "$self->{dir}/run",
        template_dir         => source_dir() . '/templates',
        parser_program       => program('postern-parse'),
        spf_program          => program('postern-spf'),
        exec_program         => program('postern-exec'),
        spf_check            => 'no',    # no name server is near; tests of SPF bring their own
        log_to               => 'stderr',
        user                 => $> ? '' : 'root',    # root stays root only when told so
        instance             => 'example.org',
        lmtp_listen          => $self->lmtp,
        control_socket       => $self->control,
        smtp_host            => '127.0.0.1',
        smtp_port            => $self->{smtp_port},
        notice_delay_s       => 0,
        ballast_octets       => 0,
        free_min_octets      => 0,
        outbox_retry_first_s => 1,
        # Tests send more in a minute than a customer in a year; those of the limits set their own.
        (map { ($_ => '') } qw(limit_ticket limit_recipient limit_acknowledgements limit_unverified
            limit_unverified_all limit_same_subject limit_same_text flood_sender flood_domain)),
        %{ $self->{set} // {} },
    );
    return map { ('-o', "$_=$set{$_}") } sort keys %set;
}

# Start it (again) over the same directory.
sub up ($self) {
    my $notify = "$self->{dir}/notify";
    unlink $notify;
    my $socket = IO::Socket::UNIX->new(Local => $notify, Type => SOCK_DGRAM)
        or croak "$notify: $!";
    my $at = length($self->log);
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        $ENV{NOTIFY_SOCKET} = $notify;
        $ENV{$_} = $self->{env}{$_} for keys %{ $self->{env} // {} };
        open STDIN,  '<',  '/dev/null'            or POSIX::_exit(126);
        open STDOUT, '>>', "$self->{dir}/log"     or POSIX::_exit(126);
        open STDERR, '>&', \*STDOUT               or POSIX::_exit(126);
        my @command = (@{ $self->{wrap} // [] }, program('posternd'));
        push @command, '-c', $self->conf, $self->options;
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    $running{$pid} = 1;
    $self->{pid} = $pid;
    $self->{guard} = guard(sub { CORE::kill 'KILL', $pid });
    delete $self->{status};
    return $self if $self->_ready($socket);
    croak "posternd did not start:\n" . substr $self->log, $at unless $self->{may_fail};
    return $self;
}

sub _ready ($self, $socket) {
    my $deadline = time + READY_S;
    while (time < $deadline && !$self->ended) {
        my $bits = '';
        vec($bits, fileno $socket, 1) = 1;
        next unless select $bits, undef, undef, POLL_S;
        $socket->recv(my $said, 4096);
        return 1 if $said =~ /^READY=1$/m;
    }
    return 0;
}

# Whether it is gone; status then has its exit status, or minus the signal.
sub ended ($self) {
    return 1 if defined $self->{status};
    return 0 unless waitpid($self->{pid}, WNOHANG) == $self->{pid};
    $self->{status} = $? & 127 ? -($? & 127) : $? >> 8;
    delete $running{ $self->{pid} };
    unguard(delete $self->{guard});
    return 1;
}

sub status ($self) { return $self->{status} }

# Send a signal and wait for the end. Gives the exit status, or minus the signal.
sub stop ($self, $signal = 'TERM') {
    return $self->{status} if $self->ended;
    CORE::kill $signal, $self->{pid};
    wait_until(STOP_S, sub { $self->ended }) or croak "posternd does not end at SIG$signal";
    return $self->{status};
}

sub kill ($self)            { return $self->stop('KILL') }
sub restart ($self)         { $self->stop; return $self->up }
sub signal ($self, $signal) { return CORE::kill $signal, $self->{pid} }

# All it has logged.
sub log ($self) { return slurp("$self->{dir}/log") // '' }

# Run `postern` with arguments against it.
# Gives   (exit status, stdout, stderr)
sub postern ($self, @args) {
    my $how = ref $args[0] ? shift @args : {};
    return run($how, program('postern'), '-c', $self->conf, '-s', $self->control, @args);
}

# The same with --json, decoded; failing is the test's end.
sub json ($self, @args) {
    my ($status, $out, $err) = $self->postern('--json', @args);
    croak "postern @args: exit $status: $err" unless $status == 0;
    return eval { JSON::PP::decode_json($out) } // croak "postern --json @args: $@\n$out";
}

# The tickets, as `postern list` has them.
sub tickets ($self) {
    my $got = $self->json('list');
    return ref $got eq 'ARRAY' ? @$got : @{ $got->{tickets} };
}

# A connection to its LMTP socket.
sub client ($self) {
    require Postern::LMTP;
    return Postern::LMTP->connect($self->lmtp);
}

# Deliver one mail; gives the replies (see Postern::LMTP).
sub deliver ($self, %mail) {
    my $client = $self->client;
    my @replies = $client->deliver(to => 'support@example.org', from => 'ada@customer.test', %mail);
    $client->quit;
    return wantarray ? @replies : $replies[0];
}

sub DESTROY ($self) {
    return if $self->{owner} != $$ || !$self->{pid};
    local ($?, $@);
    eval { $self->stop; 1 } or CORE::kill 'KILL', $self->{pid};
    unguard(delete $self->{guard});
    return;
}

END {
    local $?;
    CORE::kill 'KILL', $_ for keys %running;
}
1;
