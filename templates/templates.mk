nobase_dist_pkgdata_DATA = \
	templates/README \
	templates/en/acknowledgement.txt templates/en/closed.txt templates/en/comment.txt \
	templates/en/merged.txt templates/en/reopened.txt \
	templates/en/held.txt templates/en/held-done.txt templates/en/held-flood.txt \
	templates/de/acknowledgement.txt templates/de/closed.txt templates/de/comment.txt \
	templates/de/merged.txt templates/de/reopened.txt \
	templates/de/held.txt templates/de/held-done.txt templates/de/held-flood.txt \
	templates/es/acknowledgement.txt templates/es/closed.txt templates/es/comment.txt \
	templates/es/merged.txt templates/es/reopened.txt \
	templates/es/held.txt templates/es/held-done.txt templates/es/held-flood.txt \
	templates/fr/acknowledgement.txt templates/fr/closed.txt templates/fr/comment.txt \
	templates/fr/merged.txt templates/fr/reopened.txt \
	templates/fr/held.txt templates/fr/held-done.txt templates/fr/held-flood.txt \
	templates/it/acknowledgement.txt templates/it/closed.txt templates/it/comment.txt \
	templates/it/merged.txt templates/it/reopened.txt \
	templates/it/held.txt templates/it/held-done.txt templates/it/held-flood.txt \
	templates/ja/acknowledgement.txt templates/ja/closed.txt templates/ja/comment.txt \
	templates/ja/merged.txt templates/ja/reopened.txt \
	templates/ja/held.txt templates/ja/held-done.txt templates/ja/held-flood.txt \
	templates/nl/acknowledgement.txt templates/nl/closed.txt templates/nl/comment.txt \
	templates/nl/merged.txt templates/nl/reopened.txt \
	templates/nl/held.txt templates/nl/held-done.txt templates/nl/held-flood.txt \
	templates/pt/acknowledgement.txt templates/pt/closed.txt templates/pt/comment.txt \
	templates/pt/merged.txt templates/pt/reopened.txt \
	templates/pt/held.txt templates/pt/held-done.txt templates/pt/held-flood.txt
TESTS += t/templates.t
EXTRA_DIST += t/templates.t
