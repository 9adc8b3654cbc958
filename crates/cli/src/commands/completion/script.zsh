#compdef @PROGRAM@
# Completion of @PROGRAM@ for zsh. On every Tab the program itself is asked what fits, with `@REQUEST@`.
# Load it now (after compinit):   source <(@PROGRAM@ completion zsh)
# Load it always:                 @PROGRAM@ completion zsh > "${fpath[1]}/_@PROGRAM@"

_@FUNCTION@() {
    local -a asked lines described
    local line name text program
    local -i directive=0

    asked=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
    program=${(Q)words[1]}
    program=${program/#\~/$HOME}
    lines=("${(@f)$("$program" @REQUEST@ "${asked[@]}" 2>/dev/null)}")
    [[ ${lines[-1]} == :* ]] && directive=${lines[-1]#:}
    (( directive & 1 )) && return 1

    for line in "${lines[@]}"; do
        [[ -z $line || $line == :* ]] && continue
        if [[ $line == _activeHelp_* ]]; then
            compadd -x "${line#_activeHelp_ }"
            continue
        fi
        name=${line%%$'\t'*}
        text=${line#"$name"}
        described+=("${name//:/\\:}${text:+:${text#$'\t'}}")
    done

    [[ $PREFIX == -*=* ]] && compset -P '*='
    if (( ${#described} )); then
        local -a space
        (( directive & 2 )) && space=(-S '')
        _describe -t candidates candidate described "${space[@]}"
    elif (( ! (directive & 4) )); then
        _files
    fi
}

if [[ ${funcstack[1]} == _@FUNCTION@ || ${funcstack[1]} == _@PROGRAM@ ]]; then
    _@FUNCTION@ "$@"
else
    compdef _@FUNCTION@ @PROGRAM@
fi
