# Postern::Dns - a DNS server on loopback that knows what a test tells it, and misbehaves when told to
#
# A zone is { name => [ [TYPE => values...], ... ] }. Types: A, AAAA, CNAME, MX (preference, name), PTR,
# TXT (strings). CNAMEs are followed, as a recursive server does. And instead of a type, for a name:
#   TIMEOUT       never answer a question that has no record here
#   SERVFAIL      answer all with a server failure
#   TRUNCATE      answer by TCP only; by UDP: truncated
#   SLOW, s       answer after so many seconds
#   POISON, addr  before each answer by UDP, send one with another id, and that address
#   FLOOD, addr   the same 100 times, and no answer by UDP at all
#   MIX           answer another question than was asked
#   CUT           by TCP, close in the middle of the answer
package Postern::Dns;
use v5.36;
use Carp qw(croak);
use Exporter qw(import);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(inet_pton AF_INET AF_INET6);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(spf_suite);

my %number = (A => 1, NS => 2, CNAME => 5, PTR => 12, MX => 15, TXT => 16, AAAA => 28);
my %type   = reverse %number;
my %trick  = map { $_ => 1 } qw(TIMEOUT SERVFAIL TRUNCATE SLOW POISON FLOOD MIX CUT);

use constant { TTL_S => 300, UDP_OCTETS => 1232, ALIASES => 8, FLOOD_DATAGRAMS => 100 };

# Start it on a loopback port, UDP and TCP.
# Takes   zone => { .. }   names in any case
#         ttl_s => seconds
sub start ($class, %opt) {
    my %zone = map { lc($_) => $opt{zone}{$_} } keys %{ $opt{zone} };
    my $self = bless {
        zone  => \%zone,
        ttl_s => $opt{ttl_s} // TTL_S,
        dir   => tempdir(CLEANUP => 1),
        owner => $$,
    }, $class;
    for (1 .. 20) {
        my $tcp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16, Proto => 'tcp') or next;
        my $udp = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $tcp->sockport, Proto => 'udp') or next;
        $self->{port} = $tcp->sockport;
        $self->_fork($udp, $tcp);
        return $self;
    }
    croak "no loopback port: $!";
}

sub port ($self) { return $self->{port} }
sub at ($self)   { return "127.0.0.1:$self->{port}" }

# The questions that came, oldest first, as "TXT example.org" (by UDP) or "TXT example.org tcp".
sub asked ($self) {
    open my $fh, '<', "$self->{dir}/asked" or return;
    chomp(my @lines = <$fh>);
    return @lines;
}

sub stop ($self) {
    return unless $self->{pid};
    local $?;
    CORE::kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
    return;
}

sub DESTROY ($self) { $self->stop if $self->{owner} == $$; return }

sub _fork ($self, $udp, $tcp) {
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        my $ok = eval { $self->_serve($udp, $tcp); 1 };
        warn $@ unless $ok;
        POSIX::_exit(0);
    }
    $self->{pid} = $pid;
    return;
}

# ---- the server ----

sub _serve ($self, $udp, $tcp) {
    my $parent = $self->{owner};
    my $select = IO::Select->new($udp, $tcp);
    my @later;    # [ due, code ]
    while (getppid == $parent) {
        my @ready = $select->can_read(@later ? 0.01 : 1);
        my $now   = time;
        $_->[1]->() for grep { $_->[0] <= $now } @later;
        @later = grep { $_->[0] > $now } @later;
        for my $socket (@ready) {
            if ($socket == $udp) {
                my $from = $udp->recv(my $question, 4096) // next;
                push @later, $self->_by_udp($udp, $from, $question);
            } else {
                my $client = $tcp->accept or next;
                push @later, $self->_by_tcp($client);
            }
        }
    }
    return;
}

sub _by_udp ($self, $udp, $from, $octets) {
    my $q = $self->_question($octets, 'udp') or return;
    my $trick = $q->{trick};
    return if $trick->{FLOOD} && !$self->_flood($udp, $from, $q);
    $self->_lie($udp, $from, $q, $trick->{POISON}[0]) if $trick->{POISON};
    my $answer = $self->_answer($q) // return;
    $answer = $self->_head($q, 0x8380, 0) if $trick->{TRUNCATE} || length $answer > UDP_OCTETS;
    my $send = sub { $udp->send($answer, 0, $from) };
    return [ time + $trick->{SLOW}[0], $send ] if $trick->{SLOW};
    $send->();
    return;
}

sub _by_tcp ($self, $client) {
    my $octets = '';
    while (length $octets < 2 || length $octets < 2 + unpack 'n', $octets) {
        my $n = sysread $client, $octets, 4096, length $octets;
        return unless $n;
    }
    my $q      = $self->_question(substr($octets, 2), 'tcp') or return;
    my $answer = $self->_answer($q) // return [ time + 3600, sub { close $client } ];
    my $frame  = pack('n', length $answer) . $answer;
    $frame = substr $frame, 0, length($frame) / 2 if $q->{trick}{CUT};
    my $send = sub { syswrite $client, $frame; close $client };
    return [ time + $q->{trick}{SLOW}[0], $send ] if $q->{trick}{SLOW};
    $send->();
    return;
}

sub _question ($self, $octets, $how) {
    return unless length $octets > 12;
    my ($id, $at, @labels) = (unpack('n', $octets), 12);
    while (my $n = ord substr $octets, $at, 1) {
        return if $n > 63 || $at + $n >= length $octets;
        push @labels, substr $octets, $at + 1, $n;
        $at += 1 + $n;
    }
    my ($type) = unpack 'n', substr $octets, $at + 1, 2;
    my $name   = join '.', @labels;
    my $rows   = $self->{zone}{ lc $name } // [];
    open my $fh, '>>', "$self->{dir}/asked" or return;
    print {$fh} ($type{$type} // $type), " $name", ($how eq 'tcp' ? ' tcp' : ''), "\n";
    close $fh;
    my %tricks;
    $tricks{ $_->[0] } = [ @$_[ 1 .. $#$_ ] ] for grep { $trick{ $_->[0] } } @$rows;
    return { id => $id, name => $name, type => $type{$type} // $type, trick => \%tricks,
        octets => substr $octets, 12, $at + 5 - 12 };
}

sub _flood ($self, $udp, $from, $q) {
    $self->_lie($udp, $from, $q, $q->{trick}{FLOOD}[0]) for 1 .. FLOOD_DATAGRAMS;
    return 0;
}

sub _lie ($self, $udp, $from, $q, $address) {
    my %other = (%$q, id => ($q->{id} + 1 + int rand 65534) & 0xffff);
    $udp->send($self->_head(\%other, 0x8180, 1) . $self->_record($q->{name}, A => $address), 0, $from);
    return;
}

sub _head ($self, $q, $flags, $n_answers) {
    return pack('n6', $q->{id}, $flags, 1, $n_answers, 0, 0) . $q->{octets};
}

# The answer, or undef for none at all.
sub _answer ($self, $q) {
    return $self->_head($q, 0x8182, 0) if $q->{trick}{SERVFAIL};
    my ($name, @answers) = ($q->{name});
    for (0 .. ALIASES) {
        my ($alias) = grep { $_->[0] eq 'CNAME' } @{ $self->{zone}{ lc $name } // [] };
        last unless $alias && $q->{type} ne 'CNAME';
        push @answers, $self->_record($name, CNAME => $alias->[1]);
        $name = $alias->[1] =~ s/\.$//r;
    }
    my $rows  = $self->{zone}{ lc $name };
    my @found = grep { $_->[0] eq $q->{type} } @{ $rows // [] };
    return undef if !@found && grep { $_->[0] eq 'TIMEOUT' } @{ $rows // [] };
    push @answers, map { $self->_record($name, @$_) } @found;
    my %asked = %$q;
    $asked{octets} = _name("other.$q->{name}") . substr $q->{octets}, -4 if $q->{trick}{MIX};
    return $self->_head(\%asked, $rows ? 0x8180 : 0x8183, scalar @answers) . join '', @answers;
}

sub _name ($name) {
    return join('', map { pack 'C/a', $_ } grep { length } split /\./, $name) . "\0";
}

sub _record ($self, $name, $type, @values) {
    my %data = (
        A     => sub { inet_pton(AF_INET,  $values[0]) },
        AAAA  => sub { inet_pton(AF_INET6, $values[0]) },
        CNAME => sub { _name($values[0]) },
        PTR   => sub { _name($values[0]) },
        MX    => sub { pack('n', $values[0]) . _name($values[1]) },
        TXT   => sub {
            join '', map { pack 'C/a', $_ } map { length() ? unpack('(a255)*', $_) : '' } @values;
        },
    );
    my $data = $data{$type}->();
    return _name($name) . pack 'n n N n/a', $number{$type}, 1, $self->{ttl_s}, $data;
}

# ---- the test suite of RFC 7208 ----

# Read the suite's YAML: of that language only what the suite uses.
# Gives   scenarios { name, zone, tests => [ { name, host, helo, mailfrom, results => [..] } ] };
#         as its authors have it, an SPF entry stands for a TXT entry too, unless there is one
sub spf_suite ($path) {
    open my $fh, '<:raw', $path or croak "$path: $!";
    local $/;
    my @scenarios = map { _scenario($_) } grep { /^tests:/m } split /^---\s*$/m, <$fh>;
    return @scenarios;
}

sub _scenario ($text) {
    my %s = (tests => [], zone => {});
    my ($part, $name) = ('', '');
    for (split /\n/, $text) {
        if    (/^description: *(.*?)\s*$/) { $s{name} = $1 }
        elsif (/^(\w+):/)                  { $part    = $1 }
        elsif (/^  (\S.*):\s*$/) {
            $name = _value($1);
            push @{ $s{tests} }, { name => $name } if $part eq 'tests';
        }
        elsif ($part eq 'tests' && /^    (host|helo|mailfrom|result): *(.*?)\s*$/) {
            $s{tests}[-1]{$1} = _value($2);
        }
        elsif ($part eq 'zonedata' && /^    - (\w+)(?:: *(.*?))?\s*$/) {
            push @{ $s{zone}{$name} }, [ $1, defined $2 ? _list(_value($2)) : () ];
        }
    }
    $_->{results} = [ _list($_->{result}) ] for @{ $s{tests} };
    _make_txt($_) for values %{ $s{zone} };
    return \%s;
}

sub _list ($value) { return ref $value ? @$value : $value }

sub _value ($text) {
    my %escape = (0 => "\0", n => "\n", t => "\t", r => "\r", '"' => '"', '\\' => '\\');
    return $1 =~ s/''/'/gr if $text =~ /^'(.*)'$/s;
    return $1 =~ s{\\(?:x([0-9A-Fa-f]{2})|(.))}{ defined $1 ? chr hex $1 : $escape{$2} // $2 }gser
        if $text =~ /^"((?:[^"\\]|\\.)*)"$/s;
    return [ map { _value($_) } $1 =~ /\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,\s][^,]*?)\s*(?:,|$)/g ]
        if $text =~ /^\[(.*)\]$/s && $text !~ /^\[\d+(?:\.\d+)+\]$/;
    return $text;
}

sub _make_txt ($rows) {
    my $has_txt = grep { $_->[0] eq 'TXT' } @$rows;
    push @$rows, map { [ TXT => @$_[ 1 .. $#$_ ] ] } grep { $_->[0] eq 'SPF' } @$rows unless $has_txt;
    @$rows = grep { !($_->[0] eq 'TXT' && ($_->[1] // '') eq 'NONE') } @$rows;
    return;
}
1;
