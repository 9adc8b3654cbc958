# Completion of @PROGRAM@ for bash. On every Tab the program itself is asked what fits, with `@REQUEST@`.
# Load it now:      source <(@PROGRAM@ completion bash)
# Load it always:   @PROGRAM@ completion bash > ~/.local/share/bash-completion/completions/@PROGRAM@

# Splits the line up to the cursor at blanks outside of quotes. bash's own words are also split at = and :.
_@FUNCTION@_split() {
    local line=${COMP_LINE:0:COMP_POINT} word='' quote='' letter
    local -i at=0
    asked=()
    while ((at < ${#line})); do
        letter=${line:at:1}
        at+=1
        if [[ -n $quote ]]; then
            if [[ $letter == "$quote" ]]; then quote=''; else word+=$letter; fi
            continue
        fi
        case $letter in
            "'" | '"') quote=$letter ;;
            "\\")
                word+=${line:at:1}
                at+=1
                ;;
            ' ' | $'\t')
                [[ -n $word ]] && asked+=("$word")
                word=''
                ;;
            *) word+=$letter ;;
        esac
    done
    asked+=("$word")
}

# Leaves of the replies what bash is about to replace: the part behind the last = or :, where it splits there.
_@FUNCTION@_trim() {
    local current=$1 sign
    for sign in '=' ':'; do
        if [[ $current == *"$sign"* && $COMP_WORDBREAKS == *"$sign"* ]]; then
            local before=${current%"${current##*"$sign"}"}
            COMPREPLY=("${COMPREPLY[@]#"$before"}")
        fi
    done
}

_@FUNCTION@_complete() {
    local -a asked lines names shown
    local program current prefix='' line name last
    local -i directive=0 widest=0
    COMPREPLY=()
    _@FUNCTION@_split
    program=${asked[0]/#\~/$HOME}
    current=${asked[${#asked[@]} - 1]}

    while IFS='' read -r line; do lines+=("$line"); done < <("$program" @REQUEST@ "${asked[@]:1}" 2>/dev/null)
    ((${#lines[@]})) || return
    last=${lines[${#lines[@]} - 1]}
    [[ $last == :* ]] && directive=${last#:}
    ((directive & 1)) && return
    [[ $current == -*=* ]] && prefix=${current%%=*}=

    for line in "${lines[@]}"; do
        [[ $line == :* || $line == _activeHelp_* ]] && continue
        name=$prefix${line%%$'\t'*}
        [[ $name == "$current"* ]] || continue
        names+=("$name")
        shown+=("$line")
        ((${#name} > widest)) && widest=${#name}
    done

    ((directive & 2)) && compopt -o nospace 2>/dev/null
    ((directive & 4)) && compopt +o default 2>/dev/null
    ((${#names[@]})) || return
    if ((${#names[@]} == 1)); then
        name=${names[0]}
        case $name in *[[:space:]\'\"\$\`\\\;\&\|\<\>\(\)]*) printf -v name %q "$name" ;; esac
        COMPREPLY=("$name")
        _@FUNCTION@_trim "$current"
        return
    fi
    COMPREPLY=("${names[@]}")
    _@FUNCTION@_trim "$current"
    # A menu (37) puts in what it shows; every other list may say more.
    ((COMP_TYPE == 37)) && return
    local -i at width=${COLUMNS:-80}
    for at in "${!COMPREPLY[@]}"; do
        [[ ${shown[at]} == *$'\t'* ]] || continue
        printf -v line "%-${widest}s  (%s)" "${COMPREPLY[at]}" "${shown[at]#*$'\t'}"
        COMPREPLY[at]=${line:0:width - 4}
    done
}

complete -o default -F _@FUNCTION@_complete @PROGRAM@
