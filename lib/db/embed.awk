# embed.awk: turns sql/NNNN-name.sql files, given in order, into a C file that defines migrations[]
# and migrations_count (migrate.h): awk -f lib/db/embed.awk sql/*.sql > lib/db/migrations.c

function refuse(why) {
    print why | "cat 1>&2"
    refused = 1
    exit 1
}

BEGIN {
    print "/* Made from sql/ by lib/db/embed.awk; not to be edited. */"
    print "#include \"db/migrate.h\""
    print ""
    print "const struct migration migrations[] = {"
}

FNR == 1 {
    if (count > 0)
        print "    },"
    count++
    file = FILENAME
    sub(/^.*\//, "", file)
    if (file !~ /^[0-9][0-9][0-9][0-9]-[a-z0-9-]+\.sql$/)
        refuse(FILENAME ": not named NNNN-name.sql")
    if (substr(file, 1, 4) + 0 <= last)
        refuse(FILENAME ": a number above " last " was expected")
    last = substr(file, 1, 4) + 0
    print "    {"
    print "        " last ","
    print "        \"" substr(file, 6, length(file) - 9) "\","
}

{
    gsub(/["\\]/, "\\\\&")
    print "        \"" $0 "\\n\""
}

END {
    if (refused)
        exit 1
    if (count > 0)
        print "    },"
    print "};"
    print "const int migrations_count = " count + 0 ";"
}
