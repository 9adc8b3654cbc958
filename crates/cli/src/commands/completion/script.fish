# Completion of @PROGRAM@ for fish. On every Tab the program itself is asked what fits, with `@REQUEST@`.
# Load it now:      @PROGRAM@ completion fish | source
# Load it always:   @PROGRAM@ completion fish > ~/.config/fish/completions/@PROGRAM@.fish

function __@FUNCTION@_complete
    set -l asked (commandline -opc)
    set -l current (commandline -ct)
    set -l program $asked[1]
    set -e asked[1]

    set -l lines ($program @REQUEST@ $asked "$current" 2>/dev/null)
    set -l directive (string match -r '^:\d+$' -- $lines[-1] | string sub -s 2)
    test -n "$directive"; or set directive 0
    test (math "$directive % 2") -eq 1; and return

    # What stands before the value of --flag=value belongs to the word.
    set -l prefix (string match -r -- '^-[^=]*=' $current); or set prefix ''
    set -l found (string match -v -r -- '^(:\d+$|_activeHelp_|$)' $lines)
    if test (count $found) -gt 0
        string join \n -- $prefix$found
    else if test (math "floor($directive / 4) % 2") -eq 0
        __fish_complete_path $current
    end
end

complete -c @PROGRAM@ -e
complete -c @PROGRAM@ -f -a '(__@FUNCTION@_complete)'
