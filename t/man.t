#!/usr/bin/env perl
# t/man.t - the manual pages: well formed, and saying what the programs say
use v5.36;
use Test::More;
use Postern::Test qw(source_dir program slurp run);

# Damm's check digit, from its published table.
sub check_digit ($digits) {
    my @table = qw(0317598642 7092154863 4206871359 1750983426 6123045978 3674209581 5869720134
        8945362017 9438617205 2581436790);
    my $check = 0;
    $check = substr $table[$check], $_, 1 for split //, $digits;
    return $check == 0;
}

my $man = source_dir() . '/man';
my %page = map { $_ => slurp("$man/$_") } qw(postern.1 postern.conf.5 posternd.8 postern-postfix.8);

# postern.conf(5) is made from the settings' tables.
my (undef, $manual) = run(program('t/unit/settings_t'), '--manual');
my $want = slurp("$man/postern.conf.5.in") =~ s/^\@SETTINGS\@\n/$manual/mr;
is $page{'postern.conf.5'}, $want, 'postern.conf.5 is current: make update-man, and commit it';

# postern(1) knows each command and no other.
my (undef, $help) = run(program('postern'), '--help');
my %command = map { $_ => 1 } $help =~ /^  postern ([a-z]+)/mg;
my %told = map { $_ => 1 } $page{'postern.1'} =~ /^\.It Cm ([a-z]+)/mg;
is_deeply [ sort keys %told ], [ sort keys %command ], 'postern.1 has each command of --help';
# So could those that the programs, their comments and the other documents show.
my $top = source_dir();
my %text = (%page, map { s{^\Q$top/}{}r => slurp($_) } "$top/README.md", "$top/templates/README",
    glob "$top/{src/*/*.[ch],conf/*,contrib/*/*}");
my @bad = map {
    my $name = $_;
    map { "$name: $_" } grep { !check_digit($_) } $text{$name} =~ /\bacm\\?-(\d{6})\b/gi
} sort keys %text;
is join("\n", @bad), '', 'each reference number that is shown could be a real one';

my $mandoc = grep { -x "$_/mandoc" } split /:/, $ENV{PATH};
ok $mandoc, 'mandoc is there' if ($ENV{POSTERN_MUST_RUN} // '') =~ /\bmandoc\b/;
SKIP: {
    skip 'mandoc is missing', scalar keys %page unless $mandoc;
    for my $name (sort keys %page) {
        # Which other pages are installed here is not the page's doing.
        my $lint = join '', grep { !/referenced manual not found|outdated mandoc\.db/ }
            map {"$_\n"} split /\n/, qx(mandoc -Tlint '$man/$name' 2>&1);
        is $lint, '', "$name: mandoc -Tlint";
    }
}
done_testing;
