# Postern::Spf - a postern-spf of one's own, asked as posternd asks it: frames on descriptor 3
package Postern::Spf;
use v5.36;
use Carp qw(croak);
use IO::Select;
use POSIX ();
use Postern::Test qw(program);
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);
use Time::HiRes qw(time);

use constant { CHILD_FD => 3, ANSWER_S => 30 };

my @results = qw(none neutral pass fail softfail temperror permerror);

# Start it.
# Takes   server => "127.0.0.1:port", try_ms, tries, check_ms: its options
sub start ($class, %opt) {
    my @options;
    for my $name (sort keys %opt) {
        push @options, '--' . ($name =~ tr/_/-/r) . "=$opt{$name}";
    }
    my $self = bless { options => \@options, owner => $$, n_died => 0 }, $class;
    $self->_up;
    return $self;
}

sub pid ($self)    { return $self->{pid} }
sub hello ($self)  { return $self->{hello} }
sub n_died ($self) { return $self->{n_died} }

sub _up ($self) {
    socketpair my $mine, my $its, AF_UNIX, SOCK_STREAM, PF_UNSPEC or croak "socketpair: $!";
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        close $mine;
        # The number that it is told: dup2 clears close-on-exec, unless it has that number already.
        my $other = POSIX::dup(fileno $its);
        POSIX::dup2($other, CHILD_FD);
        open STDIN,  '<', '/dev/null' or POSIX::_exit(126);
        open STDOUT, '>', '/dev/null' or POSIX::_exit(126);
        exec { program('postern-spf') } 'postern-spf', @{ $self->{options} } or POSIX::_exit(127);
    }
    close $its;
    @$self{qw(pid socket)} = ($pid, $mine);
    $self->{hello} = $self->_frame // croak 'postern-spf does not start';
    return;
}

# One frame, or undef when it ended or hung.
sub _frame ($self) {
    my ($octets, $deadline) = ('', time + ANSWER_S);
    my $select = IO::Select->new($self->{socket});
    while (length $octets < 4 || length $octets < 4 + unpack 'N', $octets) {
        return undef unless $select->can_read($deadline - time);
        return undef unless sysread $self->{socket}, $octets, 65536, length $octets;
    }
    return substr $octets, 4;
}

# Send any octets as a request; gives those of the answer, undef when it died.
sub raw ($self, $request) {
    local $SIG{PIPE} = 'IGNORE';
    syswrite $self->{socket}, pack('N', length $request) . $request;
    return $self->_frame;
}

# Check, and give { result, domain, explanation, lookups, void, seconds }. A child that died is a
# temperror, as posternd has it, and another one is started.
sub check ($self, $address, $helo, $sender) {
    my $began  = time;
    my $answer = $self->raw(pack '(n/a)3', $address, $helo, $sender);
    my %got    = (result => 'temperror', explanation => 'the child died', lookups => 0, void => 0);
    if (defined $answer) {
        my ($result, $lookups, $void, $domain, $explanation, $rest) = unpack 'CCC n/a n/a a*', $answer;
        croak 'octets behind the answer' if length $rest;
        %got = (result => $results[$result] // croak("no result: $result"), lookups => $lookups,
            void => $void, domain => $domain, explanation => $explanation);
    } else {
        $self->{n_died}++;
        $self->stop;
        $self->_up;
    }
    return { %got, seconds => time - $began };
}

sub stop ($self) {
    return unless $self->{pid};
    local $?;
    close $self->{socket};
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
    return;
}

sub DESTROY ($self) { $self->stop if $self->{owner} == $$; return }
1;
