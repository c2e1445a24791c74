#!/usr/bin/env perl
# templates.t - the template files: the same notices in every language, only documented names, narrow lines,
# and all of them in what is installed
use v5.36;
use utf8;
use Test::More;
use Postern::Test qw(source_dir slurp);

use constant { WIDTH => 72, SUBJECT_WIDTH => 78 };

my $top = source_dir() . '/templates';
my @languages = map { s{.*/}{}r } grep { -d } glob "$top/*";
is("@languages", 'de en es fr it ja nl pt', 'eight languages');

my @notices = sort map { s{.*/}{}r } glob "$top/en/*.txt";
my %of_ticket = map { $_ => !/^held/ } @notices;    # the others are the postmaster's
cmp_ok(scalar @notices, '>=', 5, 'five notices or more');

my %documented = map { $_ => 1 } slurp("$top/README") =~ /^  (\w+)  +[a-z]/mg;
delete @documented{ grep { $_ ne 'held' } map { s/\.txt$//r } @notices };    # held is a value too
my %installed = map { $_ => 1 } slurp("$top/templates.mk") =~ m{templates/(\S+)}g;
my %used;

# What a reader gets when every value is of usual length; conditions: all that could be shown.
sub filled ($text) {
    my %usual = (
        token => 'ACM-104231', heir => 'ACM-104244', count => 3, queue_name => 'ACME',
        recipient_name => 'Anna Rossi', url => 'https://help.example.org/ACM-104231',
        signature => 'The ACME team', subject => ''
    );
    $text =~ s/\{if (?:subject)\}.*?\{else\}(.*)\{end\}$/$1/m;
    $text =~ s/\{if [^}]*\}((?:(?!\{if )[^\x00])*?)\{else\}((?:(?!\{if )[^\x00])*?)\{end\}/
        length $1 > length $2 ? $1 : $2/ge;
    $text =~ s/\{(?:if [^}]*|end|"-- ")\}//g;
    $text =~ s/\{(\w+)\}/$usual{$1} \/\/ "?"/ge;
    return $text;
}

# Columns of a terminal: a Japanese character takes two.
sub width ($line) { return length($line) + (() = $line =~ /[\p{East_Asian_Width=W}\p{East_Asian_Width=F}]/g) }

# What each notice about a ticket has.
sub ticket_notice ($file, $subject, $body) {
    is(() = $subject =~ /\{token\}/g, 1, "$file: the subject has the token once");
    like($subject, qr/^\[\{token\}\] /, "$file: in brackets, at the beginning");
    like($body, qr/\{token\}/, "$file: the text has the reference number");
    like($body, qr/\{if url\}.*<\{url\}>\{end\}/s, "$file: a link only when given");
    return;
}

for my $language (@languages) {
    is_deeply([ sort map { s{.*/}{}r } glob "$top/$language/*" ], \@notices, "$language has them all");
    for my $notice (@notices) {
        my $file = "$language/$notice";
        my $text = slurp("$top/$file");
        ok(utf8::decode($text), "$file is UTF-8");
        ok($installed{$file}, "$file is installed");
        my ($subject, $body) = $text =~ /\ASubject: ([^\n]+)\n\n(.+)\z/s;
        ok(defined $body, "$file: a subject, a blank line, a text") or next;
        ticket_notice($file, $subject, $body) if $of_ticket{$notice};
        like($body, qr/^\{list\}$/m, "$file: the list on lines of its own") unless $of_ticket{$notice};
        like($body, qr/\{if signature\}\{"-- "\}\n\{signature\}\{end\}\n\z/, "$file: a signature");
        unlike($text, qr/[ \t]$/m, "$file: no blanks at line ends");

        my @names = map { /[a-z_]+/g } map { s/"[^"]*"//gr } $text =~ /\{([^}]*)\}/g;
        my @unknown = grep { !$documented{$_} && !/^(?:if|else|end)$/ } @names;
        is("@unknown", '', "$file: README knows all its names");
        $used{$_}++ for @names;

        my @wide = grep { width($_) > WIDTH } split /\n/, filled($body);
        is(join("\n", @wide), '', "$file: no line over " . WIDTH);
        cmp_ok(width(filled("$subject\n")), '<=', SUBJECT_WIDTH, "$file: a short subject");
    }
}
ok($used{$_}, "$_ is used") for qw(token queue_name recipient_name subject count heir signature url);
done_testing();
