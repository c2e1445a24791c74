# t/lib/Postern/Classes.pm - the filters' classes against the labels of a corpus of real mail
#
# The mails fall into two halves by a hash of their name without its number, so that all mails of one
# maker are in the same half: rules are written with one half in sight ("seen"), the other one
# ("unseen") tells whether they are general.
package Postern::Classes;
use strict;
use warnings;
use Digest::MD5 ();
use File::Temp ();

# Labels that say what a mail is, and the classes that are right for each.
my %right = (
	bounce => [qw(bounce delay)],
	autoreply => [qw(auto mdn report)],
	list => [qw(list)],
	normal => [qw(human)],
	reply => [qw(human)],
);
# Folders of test suites whose mails are human unless a label says otherwise.
my $HUMAN_FOLDERS = qr{^(?:talon|email_reply_parser-github|mikel-mail|mime4j|stalwart-mail-parser)/};
my @CLASSES = qw(human auto bounce delay mdn report list own no-mail);
my @LABELS = qw(bounce autoreply list human);

sub corpus {
	my ($src) = @_;
	return $ENV{POSTERN_CORPUS} // "$src/../shared/corpus";
}

sub half {
	my ($path) = @_;
	my ($maker) = $path =~ m{([^/]+?)[-_.\d]*(?:\.\w+)?$};
	return hex(substr Digest::MD5::md5_hex($maker // $path), 0, 2) % 2 ? 'seen' : 'unseen';
}

# path -> { label, reliability }: the most reliable label that names a class.
sub labels {
	my ($corpus) = @_;
	my %label;
	open my $fh, '<', "$corpus/labels.tsv" or die "$corpus/labels.tsv: $!";
	while (<$fh>) {
		chomp;
		my ($path, $class, $subtype, $reliability) = split /\t/;
		next unless $right{$class};
		my $rank = index 'ABDC', $reliability;
		next if $label{$path} && $label{$path}{rank} <= $rank;
		$label{$path} = { label => $class, reliability => $reliability, rank => $rank,
			body => $subtype eq 'body-only' };
	}
	return \%label;
}

# Ask about every mail that has a label. Gives  rows { path, label, reliability, half, envelope,
# class, quiet, why, right, acknowledged }
sub measure {
	my ($program, $corpus) = @_;
	my $label = labels($corpus);
	my @paths = sort grep { -f "$corpus/$_" } keys %$label;
	my $list = File::Temp->new;
	print $list $label->{$_}{body} ? '+' : '', "$corpus/$_\n" for @paths;
	$list->flush;
	open my $fh, '-|:encoding(UTF-8)', 'sh', '-c', 'exec "$1" <"$2"', 'sh', $program, $list->filename
		or die "$program: $!";
	my @rows;
	while (<$fh>) {
		chomp;
		my ($path, $envelope, $class, $quiet, $why) = split /\t/, $_, 5;
		$path = substr $path, 1 + length $corpus;
		my %row = (%{ $label->{$path} }, path => $path, class => $class, why => $why,
			quiet => $quiet eq 'quiet', half => half($path));
		$row{human} = $row{label} eq 'normal' || $row{label} eq 'reply';
		# A label C says "normal" of what has no header of a machine; where the folder holds mail
		# of people it counts all the same.
		$row{counts} = $row{reliability} ne 'C' || $row{human} && $path =~ $HUMAN_FOLDERS;
		$row{right} = grep { $_ eq $class } @{ $right{ $row{label} } };
		$row{acknowledged} = $class eq 'human' && !$row{quiet};
		push @rows, { %row, envelope => $_ } for $envelope eq '-' ? qw(found plain) : $envelope;
	}
	close $fh or die "$program failed";
	return \@rows;
}

sub name_of { return $_[0]{human} ? 'human' : $_[0]{label} }

sub matrix {
	my ($rows, $envelope) = @_;
	my (%n, %any);
	for (grep { $_->{envelope} eq $envelope } @$rows) {
		$n{ $_->{reliability} }{ name_of($_) }{ $_->{class} }++;
		$any{ $_->{class} } = 1;
	}
	my @classes = grep { $any{$_} } @CLASSES;
	my $text = sprintf "envelope %s: label (down), class (across)\n  %-14s%s\n", $envelope, '',
		join '', map { sprintf '%8s', $_ } @classes;
	for my $reliability (sort keys %n) {
		for my $label (grep { $n{$reliability}{$_} } @LABELS) {
			$text .= sprintf "  %s %-12s%s\n", $reliability, $label,
				join '', map { sprintf '%8s', $n{$reliability}{$label}{$_} // '.' } @classes;
		}
	}
	return $text;
}

# The numbers that are promised: machines acknowledged, people taken for a machine.
sub counts {
	my ($rows, %want) = @_;
	my %c = (map { $_ => 0 } qw(machines acknowledged people mistaken silenced));
	for my $row (grep { $_->{counts} } @$rows) {
		next if grep { $row->{$_} ne $want{$_} } keys %want;
		if ($row->{human}) {
			$c{people}++;
			$c{mistaken}++ unless $row->{class} eq 'human' || $row->{class} eq 'no-mail';
			$c{silenced}++ if $row->{class} eq 'human' && $row->{quiet};
		} elsif ($row->{label} ne 'list') {
			$c{machines}++;
			$c{acknowledged}++ if $row->{acknowledged};
		}
	}
	return \%c;
}

sub rates {
	my ($rows) = @_;
	my $text = '';
	for my $envelope (qw(found plain)) {
		for my $half (qw(seen unseen)) {
			my $c = counts($rows, envelope => $envelope, half => $half);
			$text .= sprintf "envelope %s, %s half: %d of %d machines acknowledged; "
				. "%d of %d people taken for a machine, %d more not answered\n", $envelope, $half,
				@$c{qw(acknowledged machines mistaken people silenced)};
		}
	}
	return $text;
}

sub misses {
	my ($rows, $reliabilities) = @_;
	return map {
		sprintf '%s %s %s: %s%s, is %s (%s; %s)', $_->{path}, $_->{half}, $_->{envelope}, $_->{class},
			$_->{quiet} ? ' quiet' : '', $_->{label}, $_->{reliability}, $_->{why} // ''
	} grep {
		!$_->{right} && ($_->{counts} || index($reliabilities, $_->{reliability}) >= 0)
	} @$rows;
}

1;
