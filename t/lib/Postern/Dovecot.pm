# Postern::Dovecot - a real Dovecot that takes mail by LMTP and runs a Sieve script, on loopback
#
# Needs root (its master does) and the Dovecot of the system; touches nothing of the system's own
# instance: sockets, mail and the log are in a temporary place.
package Postern::Dovecot;
use v5.36;
use Carp qw(croak);
use File::Temp qw(tempdir);
use POSIX ();
use Postern::LMTP;
use Postern::Test qw(free_port wait_until spew slurp must_have guard unguard);

use constant { READY_S => 30, STOP_S => 20 };

my $program = '/usr/sbin/dovecot';

# Skip the test where a real Dovecot with Sieve cannot run.
sub needed ($class) {
    must_have('dovecot', $> == 0, 'a Dovecot of our own can be started by root only');
    must_have('dovecot', -x $program, 'dovecot is not installed');
    must_have('dovecot', !!glob('/usr/lib/dovecot/modules/*sieve_plugin.so'), 'dovecot-sieve is not installed');
    must_have('dovecot', defined getpwnam('dovecot'), 'there is no user dovecot');
    return;
}

# Start one for one person.
# Takes   sieve => text        of that person's script
#         relay_port => port   where what the script sends goes, by SMTP
#         address => address   of the person
sub start_new ($class, %opt) {
    my $dir = tempdir('postern-dc-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $self = bless { address => 'ada@customer.test', %opt, dir => $dir, owner => $$, port => free_port() }, $class;
    chmod 0755, $dir;
    mkdir "$dir/$_" for qw(run state home);
    chown scalar getpwnam('nobody'), scalar getgrnam('nogroup'), "$dir/home";
    spew("$dir/home.sieve", $opt{sieve});
    spew("$dir/conf",       $self->_conf);
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        open STDIN,  '<', '/dev/null'  or POSIX::_exit(126);
        open STDOUT, '>', "$dir/out"   or POSIX::_exit(126);
        open STDERR, '>&', \*STDOUT    or POSIX::_exit(126);
        exec { $program } $program, '-F', '-c', "$dir/conf" or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    $self->{guard} = guard(sub { kill 'TERM', $pid });
    wait_until(READY_S, sub { Postern::LMTP->try_connect($self->place) })
        or croak "dovecot does not start:\n" . (slurp("$dir/out") // '') . $self->log;
    return $self;
}

sub address ($self) { return $self->{address} }
sub place ($self)   { return "inet:127.0.0.1:$self->{port}" }
sub log ($self)     { return slurp("$self->{dir}/log") // '' }

sub _conf ($self) {
    my $dir = $self->{dir};
    return <<"END";
base_dir = $dir/run
state_dir = $dir/state
log_path = $dir/log
protocols = lmtp
listen = 127.0.0.1
ssl = no
hostname = mx.customer.test
postmaster_address = postmaster\@customer.test
mail_location = maildir:~/mail
first_valid_uid = 1
submission_host = 127.0.0.1:$self->{relay_port}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$dir/home allow_all_users=yes
}
passdb {
  driver = static
  args = nopassword=y
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $self->{port}
  }
}
protocol lmtp {
  mail_plugins = sieve
}
plugin {
  sieve = file:$dir/home.sieve
  sieve_global_dir = $dir
}
END
}

# Hand the person one mail. Gives  the reply
sub deliver ($self, %mail) {
    my $client = Postern::LMTP->connect($self->place);
    my ($reply) = $client->deliver(to => $self->{address}, %mail);
    $client->quit;
    return $reply;
}

sub stop ($self) {
    my $pid = delete $self->{pid} // return;
    kill 'TERM', $pid;
    local $?;
    wait_until(STOP_S, sub { waitpid($pid, POSIX::WNOHANG()) == $pid });
    unguard(delete $self->{guard});
    return;
}

sub DESTROY ($self) { $self->stop if $self->{owner} == $$; return }
1;
