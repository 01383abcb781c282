# Completes the arguments of qga in fish, which quotes candidates itself.
function __qga_complete
    set -l before (commandline --current-process --tokenize --cut-at-cursor)
    command qga complete fish -- $before (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command qga --no-files --arguments '(__qga_complete)'
