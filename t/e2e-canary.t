#!/usr/bin/env perl
# e2e-canary.t - P3: no octet of any mail leaves by a notice. Each real mail of the corpus gets canary
# words into every part and the header, opens a ticket and answers in it; all that goes out is read
# raw and decoded.
use v5.36;
use File::Find qw(find);
use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More;
use Postern::Mail qw(canary_mail canaries read_mail);
use Postern::Sink;
use Postern::Test qw(must_have source_dir slurp);

use constant { OPENER => 'ada@customer.test', OTHER => 'bob@customer.test' };

my $corpus = $ENV{POSTERN_CORPUS} // source_dir() . '/../shared/corpus';
my $word   = sprintf 'canary%06x', $$ * 7919 % 0xffffff;
my $n_places = 0;

sub canary () { return sprintf '%s%05d', $word, ++$n_places }

# A canary into the text of one leaf, in the transfer encoding that it has.
sub mark_leaf ($head, $body) {
    my $c = canary();
    if ($head =~ /^content-transfer-encoding:\s*base64/mi) {
        return encode_base64("$c\r\n" . decode_base64($body), "\r\n");
    }
    return "$c\r\n$body";
}

# Into every part of a mail; parts are found by their boundaries, as a mail program would.
sub mark_parts ($octets, $depth = 0) {
    my ($head, $body) = split /\r\n\r\n/, $octets, 2;
    $_ //= '' for $head, $body;
    my $flat = $head =~ s/\r\n[ \t]+/ /gr;
    if ($depth < 10 && $flat =~ m{^content-type:\s*multipart/.*?boundary="?([^";\r\n]+)}mi) {
        my $boundary = quotemeta $1;
        my @pieces = split /^(--$boundary(?:--)?[ \t]*\r\n)/m, $body;
        for (my $i = 2; $i < @pieces; $i += 2) {
            $pieces[$i] = mark_parts($pieces[$i], $depth + 1) unless $pieces[ $i - 1 ] =~ /--[ \t]*\r\n$/;
        }
        $body = join '', @pieces;
    }
    elsif ($flat =~ m{^content-type:\s*message/rfc822}mi && $depth < 10) {
        $body = mark_parts($body, $depth + 1);
    }
    else {
        $body = mark_leaf($flat, $body);
    }
    $head =~ s/((?:file)?name\*?="?)/$1 . canary()/gie;
    return "$head\r\n\r\n$body";
}

# The mail as one from somebody who may be answered: identity and trace are ours, all else is the corpus'.
sub adopt ($octets, $from, $subject) {
    $octets =~ s/\r?\n/\r\n/g;
    $octets = mark_parts($octets);
    my ($head, $body) = split /\r\n\r\n/, $octets, 2;
    my @fields = split /\r\n(?![ \t])/, $head;
    @fields = grep { !/^(?:from|to|cc|subject|message-id|in-reply-to|references|received|return-path|from )/i } @fields;
    my $id = sprintf '<%s.%d@customer.test>', $word, ++$n_places;
    my $c = canary();
    unshift @fields, "From: \"" . canary() . "\" <$from>", "To: support\@example.org, " . OPENER . ', ' . OTHER,
        "Subject: $subject $c", "Message-ID: $id", 'X-Canary: ' . canary();
    return join("\r\n", @fields) . "\r\n\r\n" . ($body // '');
}

must_have('corpus', -d $corpus, "the corpus of real mail is not at $corpus");
my @files;
find({ wanted => sub { push @files, $File::Find::name if -f && !/\.tsv$|README/ }, no_chdir => 1 }, $corpus);
@files = sort @files;
cmp_ok(scalar @files, '>', 500, 'a corpus of real mail');

my $sink = Postern::Sink->start;
my $desk = Postern::Test->start(smtp_port => $sink->port);
my $client = $desk->client;
my ($n_filed, $n_held, $n_answers) = (0, 0, 0);
for my $file (@files) {
    my $octets = slurp($file);
    next if length $octets > 2_000_000;
    my ($reply) = $client->deliver(to => 'support@example.org', from => OPENER,
        mail => adopt($octets, OPENER, 'request'));
    is($reply->{code}, 250, "$file: taken") unless $reply->{code} == 250;
    my ($ref) = $reply->{text} =~ /filed as (ACM-\d+)/;
    $ref ? $n_filed++ : $n_held++;
    next unless $ref;
    ($reply) = $client->deliver(to => 'support@example.org', from => OTHER,
        mail => adopt($octets, OTHER, "Re: [$ref]"));
    $n_answers++ if $reply->{text} =~ /filed as \Q$ref\E/;
}
$client->quit;
cmp_ok($n_filed, '>', 300, "$n_filed mails opened a ticket ($n_held were held)");
cmp_ok($n_answers, '>', 300, "$n_answers mails were added to one");

ok(Postern::Test::wait_until(60, sub { !@{ $desk->json('outbox') } }), 'all notices went out');
my @mails = $sink->mails;
cmp_ok(scalar @mails, '>', 300, scalar(@mails) . ' mails went out');
my @leaks;
for my $mail (@mails) {
    my $read = read_mail($mail->{octets});
    my $all = join "\n", $mail->{octets}, $read->{body}, map { @$_ } values %{ $read->{header} };
    push @leaks, "to $mail->{to}[0]: $1" if $all =~ /(.{0,30}$word\d{5}.{0,30})/s;
}
# The sender's own Message-ID stands in In-Reply-To, and is no text of a mail.
@leaks = grep { !/<\Q$word\E\.\d+\@customer\.test>/ } @leaks;
is(join("\n", @leaks[ 0 .. ($#leaks > 9 ? 9 : $#leaks) ]), '', 'no canary in any of them');
unlike($desk->log, qr/$word\d{5}/, 'nor in the log');
done_testing;
