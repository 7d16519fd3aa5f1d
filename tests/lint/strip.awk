# strip.awk: C without its comments and without what stands in quotes, line by line, so that the laws
# look at code only. Each line is preceded by "file:line:".
FNR == 1 { inside = 0 }
{
    text = $0
    code = ""
    while (text != "") {
        if (inside) {
            at = index(text, "*/")
            if (!at)
                break
            text = substr(text, at + 2)
            inside = 0
        } else if (match(text, /\/\*|\/\/|"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/)) {
            code = code substr(text, 1, RSTART - 1)
            found = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            if (found == "//")
                break
            if (found == "/*")
                inside = 1
            else
                code = code substr(found, 1, 1) substr(found, 1, 1)
        } else {
            code = code text
            break
        }
    }
    print FILENAME ":" FNR ":" code
}
