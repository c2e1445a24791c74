noinst_LIBRARIES += libdesk.a
libdesk_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_DESK) $(CTPL_CFLAGS)
libdesk_a_SOURCES = \
	src/desk/admit.c src/desk/admit.h \
	src/desk/again.c src/desk/again.h \
	src/desk/ask.h src/desk/ask_explain.c src/desk/ask_held.c src/desk/ask_keep.c src/desk/ask_key.c src/desk/ask_state.c src/desk/ask_ticket.c \
	src/desk/call.c src/desk/call.h \
	src/desk/chain.c src/desk/chain.h \
	src/desk/conf.c src/desk/conf.h \
	src/desk/console.c src/desk/console.h \
	src/desk/desk.c src/desk/desk.h \
	src/desk/filing.c src/desk/filing.h \
	src/desk/filter.h \
	src/desk/gate.c src/desk/gate.h \
	src/desk/gatehouse.c src/desk/gatehouse.h \
	src/desk/intake.c src/desk/intake.h \
	src/desk/keeper.c src/desk/keeper.h \
	src/desk/limit.c src/desk/limit.h \
	src/desk/meter.c src/desk/meter.h \
	src/desk/metrics.c src/desk/metrics.h \
	src/desk/notice.c src/desk/notice.h \
	src/desk/freemail.c src/desk/freemail.h \
	src/desk/notify.c src/desk/notify.h \
	src/desk/order.c src/desk/order.h \
	src/desk/ask_person.c src/desk/ask_recall.c src/desk/recall.c src/desk/recall.h \
	src/desk/outcome.c src/desk/outcome.h \
	src/desk/people.c src/desk/people.h \
	src/desk/outlet.c src/desk/outlet.h \
	src/desk/plan.c src/desk/plan_audit.c src/desk/plan.h \
	src/desk/post.c src/desk/post.h \
	src/desk/ref.c src/desk/ref.h \
	src/desk/release.c src/desk/release.h \
	src/desk/reply.c src/desk/reply.h \
	src/desk/route.c src/desk/route.h \
	src/desk/sender.c src/desk/sender.h \
	src/desk/session.c src/desk/session.h \
	src/desk/sign.c src/desk/sign.h \
	src/desk/summary.c src/desk/summary.h \
	src/desk/template.c src/desk/template.h \
	src/desk/thread.c src/desk/thread_address.c src/desk/thread.h \
	src/desk/tojson.c src/desk/tojson.h
