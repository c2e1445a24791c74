# Postern::LMTP - a scripted LMTP client: command by command, pipelined, or raw octets
package Postern::LMTP;
use v5.36;
use Carp qw(croak);
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

use constant { WAIT_S => 20, READ_OCTETS => 65536 };

# Connect to "unix:/path" or "inet:HOST:PORT"; undef when nobody listens there.
sub try_connect ($class, $place, %opt) {
    my $socket =
        $place =~ m{^unix:(.+)$}s
        ? IO::Socket::UNIX->new(Peer => $1)
        : $place =~ m{^inet:(.+):(\d+)$}
        ? IO::Socket::INET->new(PeerHost => $1, PeerPort => $2, Proto => 'tcp', Timeout => WAIT_S)
        : croak "a place is unix:/path or inet:HOST:PORT, not $place";
    return undef unless $socket;
    return bless { socket => $socket, in => '', wait_s => $opt{wait_s} // WAIT_S }, $class;
}

# The same, but failing is the test's end; reads the greeting.
sub connect ($class, $place, %opt) {
    my $self = $class->try_connect($place, %opt) or croak "nobody listens on $place: $!";
    $self->{greeting} = $self->reply;
    croak 'no greeting' unless $self->{greeting};
    return $self;
}

sub greeting ($self) { return $self->{greeting} }
sub socket ($self)   { return $self->{socket} }

# Send octets exactly as they are. False when the peer is gone.
sub raw ($self, $octets) {
    local $SIG{PIPE} = 'IGNORE';
    my $at = 0;
    while ($at < length $octets) {
        my $n = syswrite $self->{socket}, $octets, length($octets) - $at, $at;
        next if !defined $n && $!{EINTR};
        return 0 unless defined $n;
        $at += $n;
    }
    return 1;
}

# One reply: { code, text, lines }; undef at the end of the connection. Dies when none comes in
# time.
sub reply ($self) {
    my @lines;
    my $deadline = time + $self->{wait_s};
    while (1) {
        while ($self->{in} =~ s/^([^\n]*)\r\n//) {
            my $line = $1;
            push @lines, $line;
            croak "not a reply: $line" unless $line =~ /^(\d{3})([ -]?)(.*)$/s;
            return { code => $1, text => $3, lines => \@lines } if $2 ne '-';
        }
        return undef unless $self->_more($deadline);
    }
}

sub _more ($self, $deadline) {
    my $left = $deadline - time;
    my $bits = '';
    vec($bits, fileno $self->{socket}, 1) = 1;
    croak "no reply within $self->{wait_s} s" if $left <= 0 || !select $bits, undef, undef, $left;
    my $n = sysread $self->{socket}, $self->{in}, READ_OCTETS, length $self->{in};
    return 1 if !defined $n && $!{EINTR};
    return $n;
}

# Whether the peer has closed; reads what is left.
sub at_end ($self) {
    my $deadline = time + $self->{wait_s};
    1 while $self->_more($deadline);
    return 1;
}

# One command, one reply.
sub say ($self, $command) {
    $self->raw("$command\r\n");
    return $self->reply;
}

# Several commands in one write, one reply for each.
sub pipeline ($self, @commands) {
    $self->raw(join '', map {"$_\r\n"} @commands);
    return map { $self->reply } @commands;
}

# XFORWARD's form of a value (RFC 3461 xtext).
sub xtext ($value) { return $value =~ s/([^!-*,-<>-~])/sprintf '+%02X', ord $1/ger }

# Make the octets between DATA and the end of data: dots doubled, the end added.
sub dotted ($mail) {
    $mail .= "\r\n" unless $mail =~ /\r\n\z/;
    $mail =~ s/(?<![^\n])\./../g;
    return "$mail.\r\n";
}

# One whole transaction.
# Takes   from, to => [..], mail; xforward => {ADDR => ..}; params => 'SMTPUTF8' for MAIL FROM;
#         pipelined => 1 to send all commands up to DATA in one write
# Gives   the replies after the end of data, one for each accepted recipient; else the reply that
#         refused. In rcpt => [] of the object: the replies to RCPT TO
sub deliver ($self, %mail) {
    $self->lhlo unless $self->{lhlo};
    my @to = ref $mail{to} ? @{ $mail{to} } : ($mail{to});
    my $x  = $mail{xforward};
    if ($x) {
        my $reply = $self->say(join ' ', 'XFORWARD', map { "$_=" . xtext($x->{$_}) } sort keys %$x);
        return $reply unless $reply && $reply->{code} == 250;
    }
    my @commands = (
        "MAIL FROM:<$mail{from}>" . ($mail{params} ? " $mail{params}" : ''),
        map({"RCPT TO:<$_>"} @to), 'DATA'
    );
    my @replies = $mail{pipelined} ? $self->pipeline(@commands) : ();
    for my $command ($mail{pipelined} ? () : @commands) {
        push @replies, $self->say($command);
        last if !$replies[-1] || @replies == 1 && $replies[0]{code} != 250;
    }
    my ($from, @rcpt) = @replies;
    my $data = @rcpt > @to ? pop @rcpt : undef;
    $self->{rcpt} = \@rcpt;
    my @accepted = grep { $_ && $_->{code} == 250 } @rcpt;
    return $rcpt[-1] // $from unless @accepted;
    return $data unless $data && $data->{code} == 354;
    $self->raw(dotted($mail{mail}));
    return map { $self->reply } @accepted;
}

# Say LHLO and keep what is offered in extension.
sub lhlo ($self, $name = 'client.test') {
    my $reply = $self->say("LHLO $name");
    croak "LHLO: $reply->{code} $reply->{text}" unless $reply && $reply->{code} == 250;
    my (undef, @offers) = @{ $reply->{lines} };
    $self->{lhlo} = { map { /^250[ -](\S+)(?: (.*))?$/ ? (uc $1, $2 // '') : () } @offers };
    return $reply;
}

# The parameters of an extension, undef when not offered.
sub offers ($self, $name) { return $self->{lhlo}{$name} }

sub quit ($self) {
    my $reply = eval { $self->say('QUIT') };
    $self->close;
    return $reply;
}

sub close ($self) {
    CORE::close delete $self->{socket} if $self->{socket};
    return;
}
1;
