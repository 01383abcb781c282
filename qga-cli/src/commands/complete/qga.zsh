#compdef qga
# Completes the arguments of qga in zsh, which quotes candidates itself.
_qga() {
    local value help
    local -a open open_shown whole whole_shown
    while IFS=$'\t' read -r value help; do
        if [[ $value == *[/:=] ]]; then
            open+=("$value") open_shown+=("$value${help:+  -- $help}")
        else
            whole+=("$value") whole_shown+=("$value${help:+  -- $help}")
        fi
    done < <(command qga complete zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#open )) && compadd -l -S '' -d open_shown -a open
    (( $#whole )) && compadd -l -d whole_shown -a whole
}
if [[ $funcstack[1] == _qga ]]; then
    _qga "$@"
else
    compdef _qga qga
fi
