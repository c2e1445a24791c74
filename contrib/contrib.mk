dist_sbin_SCRIPTS = contrib/postern-postfix
EXTRA_DIST += contrib/demo
# Named as bash looks for it: by the command that it completes
dist_bashcompletion_DATA = contrib/completions/postern
