# Postern::Mail - make mails, octet for octet, and read the ones that came out
package Postern::Mail;
use v5.36;
use Encode           ();
use MIME::Base64     qw(encode_base64 decode_base64);
use MIME::QuotedPrint qw(encode_qp decode_qp);
use POSIX            qw(strftime);
use Exporter         qw(import);

our @EXPORT_OK = qw(mail part bounce canary_mail canaries read_mail message_id date_now);

my $n_ids = 0;

# A Message-ID that no other mail has.
sub message_id () { return sprintf '<%d.%d.%d@mail.test>', $$, time, ++$n_ids }

sub date_now () { return strftime('%a, %d %b %Y %H:%M:%S +0000', gmtime) }

# A header text as octets: encoded-words where it is not ASCII.
sub header_text ($text, $charset = 'UTF-8') {
    return $text unless $text =~ /[^ -~]/;
    my $octets = Encode::encode($charset, $text);
    return "=?$charset?B?" . encode_base64($octets, '') . '?=';
}

# One body part as octets, with its header.
# Takes   body (characters); type, charset, encoding (7bit, 8bit, base64, quoted-printable);
#         name for an attachment; octets => 1 when the body is not text
sub part (%p) {
    my $type    = $p{type} // 'text/plain';
    my $charset = $p{charset} // 'UTF-8';
    my $octets  = $p{octets} ? $p{body} : Encode::encode($charset, $p{body});
    my $plain   = $octets =~ /[^\t\n\r -~]/ ? '8bit' : '7bit';
    my $how     = $p{encoding} // ($p{octets} ? 'base64' : $plain);
    $octets =~ s/\r?\n/\r\n/g unless $p{octets};
    my $body =
          $how eq 'base64'           ? encode_base64($octets, "\r\n")
        : $how eq 'quoted-printable' ? encode_qp($octets, "\r\n")
        :                              $octets;
    my $header = "Content-Type: $type" . ($p{octets} ? '' : "; charset=$charset") . "\r\n";
    $header .= qq{Content-Disposition: attachment; filename="$p{name}"\r\n} if defined $p{name};
    $header .= "Content-Transfer-Encoding: $how\r\n";
    return "$header\r\n$body";
}

# Several parts as one body part.
sub multipart ($kind, @parts) {
    my $boundary = 'b-' . $$ . '-' . ++$n_ids;
    return qq{Content-Type: multipart/$kind; boundary="$boundary"\r\n\r\n}
        . join('', map {"--$boundary\r\n$_\r\n"} @parts)
        . "--$boundary--\r\n";
}

# A whole mail as octets.
# Takes   from, to, subject, body (characters); charset, encoding; html => text;
#         attach => [ {name, body, type}, .. ]; id, reply_to_id, references => [ids];
#         headers => [ [Name, value], .. ] added as they are; without => [names] leaves some out
sub mail (%m) {
    my @header = (
        [ 'From',       $m{from}    // 'Ada Example <ada@customer.test>' ],
        [ 'To',         $m{to}      // 'support@example.org' ],
        [ 'Subject',    header_text($m{subject} // 'A question', $m{charset} // 'UTF-8') ],
        [ 'Date',       $m{date} // date_now() ],
        [ 'Message-ID', $m{id}   // message_id() ],
    );
    push @header, [ 'In-Reply-To', $m{reply_to_id} ] if $m{reply_to_id};
    push @header, [ 'References', join "\r\n ", @{ $m{references} } ] if $m{references};
    push @header, @{ $m{headers} // [] }, [ 'MIME-Version', '1.0' ];
    my %without = map { lc $_ => 1 } @{ $m{without} // [] };
    my %how  = %m{ grep { exists $m{$_} } qw(charset encoding type) };
    my $text = part(%how, body => $m{body} // "Hello\n");
    $text = multipart('alternative', $text, part(type => 'text/html', body => $m{html}))
        if $m{html};
    $text = multipart('mixed', $text, map { attachment($_) } @{ $m{attach} }) if $m{attach};
    return join('', map {"$_->[0]: $_->[1]\r\n"} grep { !$without{ lc $_->[0] } } @header) . $text;
}

sub attachment ($a) {
    return part(
        type   => $a->{type} // 'application/octet-stream',
        name   => $a->{name},
        body   => $a->{body},
        octets => 1
    );
}

# A failure report (RFC 3464) about a mail that we sent.
# Takes   to, about => octets of that mail, address, status (default 5.1.1)
sub bounce (%b) {
    my $status  = $b{status} // '5.1.1';
    my $report  = "Reporting-MTA: dns; mx.customer.test\r\n\r\n"
        . "Final-Recipient: rfc822; $b{address}\r\nAction: failed\r\nStatus: $status\r\n";
    my $body = multipart(
        'report; report-type=delivery-status',
        part(body => "This is the mail system. Your message could not be delivered.\n"),
        "Content-Type: message/delivery-status\r\n\r\n$report",
        "Content-Type: message/rfc822\r\n\r\n$b{about}"
    );
    return join "\r\n", 'From: MAILER-DAEMON@mx.customer.test (Mail Delivery System)', "To: $b{to}",
        'Subject: Undelivered Mail Returned to Sender', 'Date: ' . date_now(),
        'Message-ID: ' . message_id(), 'Auto-Submitted: auto-replied', 'MIME-Version: 1.0', $body;
}

# Words that stand in one place of canary_mail each and nowhere else in the world.
my %canary = map { $_ => "canary$_" . sprintf '%06x', $$ * 7919 % 0xffffff }
    qw(subject name text html attachment filename quoted signature header comment);

sub canaries () { return values %canary }

# A mail with one canary word in every part. P3: none of them may leave in a notice.
sub canary_mail (%m) {
    my %c = %canary;
    return mail(
        from    => qq{"$c{name}" <ada\@customer.test> ($c{comment})},
        subject => "$c{subject} is my subject",
        body    => "My words: $c{text}\n\n> you wrote $c{quoted}\n\n-- \n$c{signature}\n",
        html    => "<p>My words: <b>$c{html}</b></p>",
        attach  => [ { name => "$c{filename}.txt", body => "inside: $c{attachment}\n" } ],
        headers => [ [ 'X-Mailer', $c{header} ] ],
        %m
    );
}

# What a received mail says: { header => {name => [values, decoded]}, raw, body => decoded text }
sub read_mail ($octets) {
    my ($head, $body) = split /\r?\n\r?\n/, $octets, 2;
    $head =~ s/\r?\n[ \t]+/ /g;
    my %header;
    for (split /\r?\n/, $head) {
        next unless /^([!-9;-~]+):[ \t]*(.*)$/;
        my ($name, $value) = (lc $1, $2);
        push @{ $header{$name} }, eval { Encode::decode('MIME-Header', $value) } // $value;
    }
    my $how = lc($header{'content-transfer-encoding'}[0] // '7bit');
    my $plain = $body // '';
    $plain = decode_base64($plain) if $how =~ /base64/;
    $plain = decode_qp($plain)     if $how =~ /quoted/;
    return { header => \%header, raw => $octets, body => Encode::decode('UTF-8', $plain) };
}
1;
