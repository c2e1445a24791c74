# Postern::Sink - an SMTP (and LMTP) server that keeps what it is sent, and misbehaves when told to
package Postern::Sink;
use v5.36;
use Carp qw(croak);
use Fcntl qw(O_CREAT O_EXCL O_WRONLY);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(time sleep);

use constant { POLL_S => 0.02, HANG_S => 600 };

my $n_kept = 0;

# Start it on a free loopback port.
# Takes   port => a certain one
sub start ($class, %opt) {
    my $self = bless { dir => tempdir(CLEANUP => 1), owner => $$, port => $opt{port} // 0 }, $class;
    $self->_run;
    return $self;
}

sub port ($self) { return $self->{port} }

# Say how it behaves from now on; each key is a point of the conversation, each value an answer.
# Takes   greeting, helo, mail, rcpt, data, end => '451 4.3.0 not now', or 'hang', or 'cut'
#         (close without an answer; end => 'cut' comes after the mail was kept)
#         times => N: only for the first N answers, then well again
sub behave ($self, %how) {
    $self->{generation}++;
    _write("$self->{dir}/how", JSON::PP::encode_json({ %how, generation => $self->{generation} }));
    return;
}

# Nobody listens any more, until back.
sub away ($self) { $self->_stop; return }
sub back ($self) { $self->_run;  return }

# The mails kept so far, oldest first: { from, to => [..], octets }.
sub mails ($self) {
    return map { JSON::PP::decode_json(_read($_)) } sort glob "$self->{dir}/mail-*";
}

# Wait until there are n mails or more, and give them.
sub wait_for ($self, $n, $seconds = 20) {
    my $deadline = time + $seconds;
    my @mails;
    while ((@mails = $self->mails) < $n && time < $deadline) { sleep POLL_S }
    return @mails;
}

# Forget the mails.
sub clear ($self) { unlink glob "$self->{dir}/mail-*"; return }

sub _write ($path, $text) {
    open my $fh, '>', "$path.new" or croak "$path.new: $!";
    print {$fh} $text;
    CORE::close $fh or croak "$path: $!";
    rename "$path.new", $path or croak "$path: $!";
    return;
}

sub _read ($path) {
    open my $fh, '<', $path or return '{}';
    local $/;
    return <$fh>;
}

sub _run ($self) {
    my $listen = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $self->{port}, Proto => 'tcp',
        Listen => 64, ReuseAddr => 1
    ) or croak "sink: port $self->{port}: $!";
    $self->{port} = $listen->sockport;
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        $SIG{CHLD} = 'IGNORE';
        $SIG{$_} = 'DEFAULT' for qw(TERM INT);
        setpgrp;
        open STDOUT, '>', '/dev/null';    # a driver waits for the end of our output
        my $select = IO::Select->new($listen);
        while (getppid == $self->{owner}) {    # a test that was killed leaves nothing behind
            my $peer = $select->can_read(1) && $listen->accept or next;
            my $child = fork // next;
            if (!$child) { CORE::close $listen; $self->_talk($peer); POSIX::_exit(0) }
            CORE::close $peer;
        }
        POSIX::_exit(0);
    }
    $self->{pid} = $pid;
    return;
}

# What to answer at a point: undef means as usual.
sub _told ($self, $point) {
    my $how = JSON::PP::decode_json(_read("$self->{dir}/how"));
    my $answer = $how->{$point} // return undef;
    for my $n (1 .. $how->{times} // 0) {
        my $used = "$self->{dir}/used-$how->{generation}-$n";
        return $answer if sysopen my $fh, $used, O_CREAT | O_EXCL | O_WRONLY;
    }
    return defined $how->{times} ? undef : $answer;
}

# Answer as told, else as usual; false when the conversation is over.
sub _answer ($self, $peer, $told, @usual) {
    return 0 if ($told //= '') eq 'cut';
    if ($told eq 'hang') { sleep HANG_S; return 0 }
    $peer->print(map {"$_\r\n"} $told || @usual);
    $peer->flush;
    return $told !~ /^421/;
}

sub _talk ($self, $peer) {
    my ($from, @to, $lmtp);
    my @offers = qw(PIPELINING SIZE 8BITMIME SMTPUTF8 ENHANCEDSTATUSCODES);
    $self->_answer($peer, $self->_told('greeting'), '220 sink.test ready') or return;
    while (defined(my $line = <$peer>)) {
        $line =~ s/\r?\n\z//;
        if ($line =~ /^(EHLO|HELO|LHLO)/i) {
            $lmtp = uc $1 eq 'LHLO';
            my @lines = ('sink.test', uc $1 eq 'HELO' ? () : @offers);
            my $last = pop @lines;
            my @usual = ((map {"250-$_"} @lines), "250 $last");
            $self->_answer($peer, $self->_told('helo'), @usual) or return;
        } elsif ($line =~ /^MAIL FROM:\s*<([^>]*)>/i) {
            ($from, @to) = ($1);
            $self->_answer($peer, $self->_told('mail'), '250 2.1.0 ok') or return;
        } elsif ($line =~ /^RCPT TO:\s*<([^>]*)>/i) {
            my ($rcpt, $told) = ($1, $self->_told('rcpt'));
            push @to, $rcpt unless defined $told;
            $self->_answer($peer, $told, '250 2.1.5 ok') or return;
        } elsif ($line =~ /^DATA/i) {
            $self->_data($peer, $from, \@to, $lmtp) or return;
            @to = ();
        } elsif ($line =~ /^QUIT/i) {
            $peer->print("221 2.0.0 bye\r\n");
            return;
        } else {
            $peer->print($line =~ /^(RSET|NOOP)/i ? "250 2.0.0 ok\r\n" : "502 5.5.1 what?\r\n");
        }
        $peer->flush;
    }
    return;
}

sub _data ($self, $peer, $from, $to, $lmtp) {
    if (!@$to) { $peer->print("503 5.5.1 no recipients\r\n"); return 1 }
    my $refused = $self->_told('data');
    $self->_answer($peer, $refused, '354 go ahead') or return 0;
    return 1 if defined $refused;
    my $octets = '';
    while (defined(my $line = <$peer>)) {
        if ($line eq ".\r\n") {
            my $told = $self->_told('end') // '';
            $self->_keep($from, $to, $octets) if $told !~ /^[45]/;
            return 0 if $told eq 'cut';
            if ($told eq 'hang') { sleep HANG_S; return 0 }
            $peer->print(($told || '250 2.0.0 kept') . "\r\n") for $lmtp ? @$to : 1;
            return 1;
        }
        $octets .= $line =~ s/^\.//r;
    }
    return 0;
}

sub _keep ($self, $from, $to, $octets) {
    my $name = sprintf 'mail-%017.6f-%d-%d', time, $$, ++$n_kept;
    my %mail = (from => $from, to => [@$to], octets => $octets);
    _write("$self->{dir}/.$name", JSON::PP::encode_json(\%mail));
    rename "$self->{dir}/.$name", "$self->{dir}/$name";
    return;
}

sub _stop ($self) {
    my $pid = delete $self->{pid} // return;
    kill 'KILL', -$pid, $pid;
    local $?;
    waitpid $pid, 0;
    return;
}

sub DESTROY ($self) { $self->_stop if $self->{owner} == $$; return }
1;
