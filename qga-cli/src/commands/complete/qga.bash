# Completes the arguments of qga in bash. Candidates come quoted, so that no name can be more than a word.
_qga() {
    mapfile -t COMPREPLY < <(
        command qga complete bash --breaks="$COMP_WORDBREAKS" -- "$1" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null
    )
}
complete -o nospace -o nosort -F _qga qga 2>/dev/null || complete -o nospace -F _qga qga
