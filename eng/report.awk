# Reads one xunit XML report. mode=totals prints "passed failed skipped"; mode=skipped and mode=failed list those tests.
# Records end at each "<", so a record is one tag with the text behind it; only CDATA sections hold free text.
BEGIN { RS = "<" }

in_text {
    text = text "<" $0
    if (index($0, "]]>")) end_text()
    next
}
/^!\[CDATA\[/ {
    text = substr($0, 9)
    in_text = 1
    if (index(text, "]]>")) end_text()
    next
}
/^assembly / {
    passed += attribute("passed"); failed += attribute("failed") + attribute("errors"); skipped += attribute("skipped")
}
/^test / { name = attribute("name"); result = attribute("result") }
/^error / { name = attribute("type") " " attribute("name"); result = "Fail" }
/^(reason|message|stack-trace)[ >]/ { element = $0; sub(/[ >].*/, "", element) }

END { if (mode == "totals") print passed + 0, failed + 0, skipped + 0 }

function attribute(key,    value) {
    if (!match($0, " " key "=\"[^\"]*\"")) return ""
    value = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4)
    gsub(/&quot;/, "\"", value); gsub(/&lt;/, "<", value); gsub(/&gt;/, ">", value); gsub(/&amp;/, "\\&", value)
    return value
}

function end_text() {
    in_text = 0
    sub(/\]\]>.*/, "", text)
    gsub(/\\"/, "\"", text)
    if (mode == "skipped" && result == "Skip" && element == "reason") {
        gsub(/[ \t]*\n[ \t]*/, " ", text)
        print "  " suite ": " name ": " text
    }
    if (mode == "failed" && result == "Fail" && element != "reason") {
        if (element == "message") print "  " suite ": " name
        gsub(/\n/, "\n      ", text)
        print "      " text
    }
}
