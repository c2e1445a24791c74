nobase_dist_pkgdata_DATA = \
	templates/README \
	templates/en/acknowledgement.txt templates/en/closed.txt templates/en/comment.txt \
	templates/en/merged.txt templates/en/reopened.txt \
	templates/en/held.txt templates/en/held-done.txt \
	templates/fr/acknowledgement.txt templates/fr/closed.txt templates/fr/comment.txt \
	templates/fr/merged.txt templates/fr/reopened.txt \
	templates/fr/held.txt templates/fr/held-done.txt \
	templates/it/acknowledgement.txt templates/it/closed.txt templates/it/comment.txt \
	templates/it/merged.txt templates/it/reopened.txt \
	templates/it/held.txt templates/it/held-done.txt
TESTS += t/templates.t
EXTRA_DIST += t/templates.t
