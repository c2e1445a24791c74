#!/usr/bin/env perl
# t/mail-corpus.t - real and hostile mail through postern-parse: in its jail, and shown
use strict;
use warnings;
use Encode ();
use File::Find ();
use File::Temp ();
use IO::Select;
use MIME::Base64 ();
use POSIX ();
use Socket;
use Test::More;
use Time::HiRes qw(time);

my $src = $ENV{srcdir} // '.';
my $program = ($ENV{builddir} // '.') . '/postern-parse';
my $corpus = $ENV{POSTERN_CORPUS} // "$src/../shared/corpus";
plan skip_all => "$program was not built" unless -x $program;
my $ANSWER_S = 60; # a slow machine, a sanitizer; never a hang
my $SLOWEST_CPU_S = is_sanitized() ? 50 : 5; # what posternd allows a mail


# ---- a child in its jail, spoken to as posternd does ----

sub start_child {
	my (@options) = @_;
	socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!";
	my $pid = fork() // die "fork: $!";
	if ($pid == 0) {
		close $ours;
		POSIX::dup2(fileno $theirs, 3) if fileno $theirs != 3;
		$^F = 3;
		open STDIN, '<', '/dev/null';
		# A child that nobody may trace cannot look for leaks; the unit tests do.
		$ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (), 'detect_leaks=0';
		exec $program, @options or POSIX::_exit(127);
	}
	close $theirs;
	my $child = { pid => $pid, fd => $ours };
	$child->{hello} = read_frame($child);
	return $child;
}

sub read_octets {
	my ($child, $n) = @_;
	my $got = '';
	my $until = time + $ANSWER_S;
	while (length $got < $n) {
		my $left = $until - time;
		return 'timeout' if $left <= 0 || !IO::Select->new($child->{fd})->can_read($left);
		my $r = sysread $child->{fd}, $got, $n - length $got, length $got;
		return undef unless $r;
	}
	return \$got;
}

# The octets of a frame; undef at end of file, "timeout" as it says.
sub read_frame {
	my ($child) = @_;
	my $head = read_octets($child, 4);
	return $head unless ref $head;
	my $n = unpack 'N', $$head;
	return '' unless $n;
	my $body = read_octets($child, $n);
	return ref $body ? $$body : $body;
}

sub ask {
	my ($child, $mail) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $frame = pack('N', length $mail) . $mail;
	my $at = 0;
	while ($at < length $frame) {
		my $n = syswrite $child->{fd}, $frame, 65536, $at;
		return undef unless $n;
		$at += $n;
	}
	return read_frame($child);
}

# How it ended, as waitpid tells it.
sub end_child {
	my ($child) = @_;
	close $child->{fd};
	waitpid $child->{pid}, 0;
	return $?;
}

sub cpu_s {
	my ($pid) = @_;
	open my $fh, '<', "/proc/$pid/stat" or return 0;
	my @f = split ' ', (<$fh> =~ s/^.*\) //sr);
	return ($f[11] + $f[12]) / POSIX::sysconf(&POSIX::_SC_CLK_TCK);
}

sub rss_mib {
	my ($pid) = @_;
	open my $fh, '<', "/proc/$pid/status" or return 0;
	my ($kib) = join('', <$fh>) =~ /^VmHWM:\s+(\d+)/m;
	return ($kib // 0) / 1024;
}

# ---- hostile mail ----

my $nested = 'Subject: x' . "\n";
$nested .= "Content-Type: multipart/mixed; boundary=b$_\n\n--b$_\n" for 1 .. 10000;
my $nested_mails = "Subject: x\nContent-Type: message/rfc822\n\n" x 10000;
my $parts = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" . "--b\n\nx\n" x 100000 . "--b--\n";
my $jail_words = join '', map { "Subject: =?$_?Q?=41?=\n" } 'ebcdic-at-de', 'IBM1047', '../../x', 'INIS', 'x' x 500;
my %hostile = (
	'nested groups of 100 KB' => "From: " . 'g:' x 50000 . "\nTo: " . 'g:' x 50000 . "\n\nx\n",
	'nested groups in a mail inside' => "Subject: x\nContent-Type: message/rfc822\n\nTo: " . 'g:' x 50000 . "\n\nx\n",
	'nested groups in a digest' => "Subject: x\nContent-Type: multipart/digest; boundary=b\n\n--b\n\nFrom: "
		. 'g:' x 50000 . "\n\nx\n--b--\n",
	'100,000 comments' => "From: " . '(' x 100000 . "\nTo: " . '(' x 100000 . "\n\nx\n",
	'100,000 angles' => "From: " . '<' x 100000 . "\nReferences: " . '<' x 100000 . "\n\nx\n",
	'10,000 nested multiparts' => $nested,
	'10,000 nested mails' => $nested_mails . "\nx\n",
	'100,000 parts' => $parts,
	'100,000 header lines' => "X-Header: value\n" x 100000 . "\nx\n",
	'100,000 To lines' => "To: a\@x.example\n" x 100000 . "\nx\n",
	'a header line of 1 MB' => "Subject: " . 'x' x 1000000 . "\n\nx\n",
	'a folded header of 1 MB' => "Subject: x\n" . " x\n" x 300000 . "\nx\n",
	'a Content-Type of 1 MB' => "Subject: x\nContent-Type: text/plain" . '; a=b' x 200000 . "\n\nx\n",
	'parameters in a part' => "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain"
		. join('', map { ";\n x*$_*=utf-8''a" } 1 .. 20000) . "\n\nx\n--b--\n",
	'encoded words without end' => "Subject: " . '=?utf-8?Q?' x 100000 . "\n\nx\n",
	'100,000 encoded words' => "Subject: " . "=?utf-8?B?w6k=?=\n " x 100000 . "\n\nx\n",
	'charsets that must not be loaded' => $jail_words . "From: =?IBM1047?Q?=41?= <a\@x.example>\n\nx\n",
	'such charsets in parameters' => "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
		. "--b\nContent-Type: image/png; name*=IBM1047''a; y=\"=?INIS?Q?a?=\"\n"
		. "Content-Disposition: attachment; filename*0*=ebcdic-at-de''a\nContent-Description: =?INIS?Q?=41?=\n\nx\n--b--\n",
	'such charsets in bodies' => "Subject: x\nContent-Type: text/plain; charset=IBM1047\n\n\x81\x82\n",
	'dates of odd zones' => "Subject: x\nDate: Thu, 1 Jan 2026 00:00:00 Europe/Berlin\n\nx\n",
	'a date of a zone by name' => "Subject: x\nDate: Thu, 1 Jan 2026 00:00:00 XYZ\n\nx\n",
	'a date of an odd offset' => "Subject: x\nDate: Thu, 1 Jan 2026 00:00:00 +9999\n\nx\n",
	'HTML nested 100,000 deep' => "Subject: x\nContent-Type: text/html\n\n" . '<div>' x 100000 . "x\n",
	'an HTML table of 100,000 cells' => "Subject: x\nContent-Type: text/html\n\n<table>" . '<td>x' x 100000 . "\n",
	'1 MB of NUL' => "Subject: x\n\n" . "\0" x 1000000,
	'1 MB of one line' => "Subject: x\n\n" . 'x' x 1000000,
	'1 MB of CR' => "\r" x 1000000,
	'1 MB of LF' => "\n" x 1000000,
	'1 MB of octets over 127' => "Subject: x\nContent-Type: text/plain; charset=gb2312\n\n" . "\xFF" x 1000000,
	'200,000 quoted lines' => "Subject: x\n\n" . "> x\nx\n" x 100000,
	'a delivery status of 100,000 recipients' => "Subject: x\nContent-Type: message/delivery-status\n\n"
		. "Final-Recipient: rfc822; a\@x.example\n\n" x 100000,
	'uuencode without end' => "Subject: x\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" . 'M' x 1000000,
	'base64 of 10 MB' => "Subject: x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" . "QUJD" x 2500000,
	'nothing' => '',
	'one NUL' => "\0",
);

my $child = start_child();
ok(defined $child->{hello} && $child->{hello} ne 'timeout', 'a child says hello')
	or BAIL_OUT('postern-parse does not start');
diag("jail: $child->{hello}") if $ENV{HARNESS_IS_VERBOSE};
my $good = "From: a\@x.example\nSubject: fine\n\nfine\n";
for my $what (sort keys %hostile) {
	my $before = cpu_s($child->{pid});
	my $answer = ask($child, $hostile{$what});
	my $cpu = cpu_s($child->{pid}) - $before;
	my $lives = defined $answer && $answer ne 'timeout' && length $answer;
	ok($lives && $cpu <= $SLOWEST_CPU_S, sprintf '%s: answered, %.2f s', $what, $cpu);
	next if $lives && ord(ask($child, $good) // "\1") == 0;
	kill 'KILL', $child->{pid} if defined $answer && $answer eq 'timeout';
	diag(sprintf 'the child ended with %#x', end_child($child));
	$child = start_child();
}
is(end_child($child), 0, 'the child ends with its peer');

$child = start_child('--memory-octets=67108864');
my $answer = ask($child, "Subject: x\n\n" . "\xE9\n" x 20000000);
my $status = end_child($child);
ok(defined $answer ? length $answer > 0 : $status != 0, 'with too little memory it answers, or dies and says so');

# ---- real mail ----

SKIP: {
	skip "no corpus in $corpus (POSTERN_CORPUS names it)", 6 unless -d $corpus;
	my @files;
	File::Find::find({ no_chdir => 1, wanted => sub {
		push @files, $_ if -f && !/(README\.md|labels\.tsv)$/;
	} }, $corpus);
	@files = sort @files;
	ok(@files > 100, scalar(@files) . ' mails in the corpus');

	$child = start_child();
	my (@dead, @slow, %n);
	for my $file (@files) {
		my $before = cpu_s($child->{pid});
		my $answer = ask($child, slurp($file));
		push @slow, $file if cpu_s($child->{pid}) - $before > $SLOWEST_CPU_S;
		if (!defined $answer || $answer eq 'timeout' || !length $answer) {
			push @dead, sprintf '%s (%#x)', $file, end_child($child);
			$child = start_child();
			next;
		}
		$n{ord $answer}++;
	}
	my $rss = rss_mib($child->{pid});
	is(join("\n", @dead), '', 'no mail kills the child in its jail');
	is(join("\n", @slow), '', 'no mail takes long');
	cmp_ok($rss, '<', 256, sprintf 'memory stayed at %d MiB', $rss) unless is_sanitized();
	pass('sanitizers have their own memory') if is_sanitized();
	is(end_child($child), 0, 'and the child ends with its peer');
	diag(sprintf '%d are mail, %d are not', $n{0} // 0, $n{1} // 0) if $ENV{HARNESS_IS_VERBOSE};

	my (@not_utf8, @lost);
	while (my @some = splice @files, 0, 100) {
		my $shown = show(@some);
		for my $one (split /^\f/m, $shown) {
			my ($file, $facts) = $one =~ /^(.*?)\n(.*)/s or next;
			my $text = eval { Encode::decode('UTF-8', $facts, Encode::FB_CROAK) };
			push @not_utf8, $file unless defined $text;
			# The rule: U+FFFD may stand only where a warning says that octets are nothing in their
			# charset, or where the mail itself has that character or a control character.
			push @lost, $file
				if defined $text && $text =~ /\x{FFFD}/ && !may_be_damaged($facts, slurp($file));
		}
	}
	is(join("\n", @not_utf8), '', 'all that is shown is UTF-8');
	is(join("\n", @lost), '', 'no character was lost that the mail has');
}
done_testing;

sub slurp {
	my ($file) = @_;
	open my $fh, '<:raw', $file or die "$file: $!";
	local $/;
	return <$fh> // '';
}

sub show {
	my (@files) = @_;
	open my $fh, '-|:raw', 'sh', '-c', 'exec "$@" 2>/dev/null', 'sh', $program, '--show', '/dev/null', @files
		or die "$program: $!";
	local $/;
	my $shown = <$fh>;
	close $fh;
	return $shown;
}

sub may_be_damaged {
	my ($facts, $raw) = @_;
	my $encoded = $raw;
	$raw .= MIME::Base64::decode_base64($1)
		while $encoded =~ /base64.*?\n\r?\n([A-Za-z0-9+\/=\r\n]+)/sgi;
	return $raw =~ /\xEF\xBF\xBD|[\x00-\x08\x0B\x0C\x0E-\x1A\x1C-\x1F\x7F]|=EF=BF=BD/i
		|| $facts =~ /^warning: part \S+ has octets outside its charset$/m;
}

sub is_sanitized {
	open my $fh, '<:raw', $program or return 0;
	local $/;
	return <$fh> =~ /__asan_init/;
}
