/* SPDX-License-Identifier: BSD-2-Clause */
/* The library's errors: C++ objects, because C++ programs throw and catch them. */

#include "exception.h"

#include <new>

#include <string.h>

extern "C" const char *
cordage_fiber_name(void);

/* {{{ Types: constant data, so that they are there before any constructor runs */

static const struct method_info exception_methods[] = {
	make_method(&type_Exception, "message", &Exception::get_errmsg),
	make_method(&type_Exception, "log", &Exception::log),
	METHODS_SENTINEL,
};

static const struct method_info system_error_methods[] = {
	make_method(&type_SystemError, "errno", &SystemError::get_errno),
	METHODS_SENTINEL,
};

const struct type_info type_Exception = {
	"Exception", NULL, exception_methods,
};
const struct type_info type_SystemError = {
	"SystemError", &type_Exception, system_error_methods,
};
const struct type_info type_SocketError = {
	"SocketError", &type_SystemError, &METHODS_SENTINEL,
};
const struct type_info type_OutOfMemory = {
	"OutOfMemory", &type_SystemError, &METHODS_SENTINEL,
};
const struct type_info type_TimedOut = {
	"TimedOut", &type_SystemError, &METHODS_SENTINEL,
};
const struct type_info type_ChannelIsClosed = {
	"ChannelIsClosed", &type_Exception, &METHODS_SENTINEL,
};
const struct type_info type_FiberIsCancelled = {
	"FiberIsCancelled", &type_Exception, &METHODS_SENTINEL,
};
const struct type_info type_LuajitError = {
	"LuajitError", &type_Exception, &METHODS_SENTINEL,
};
const struct type_info type_IllegalParams = {
	"IllegalParams", &type_Exception, &METHODS_SENTINEL,
};
const struct type_info type_CollationError = {
	"CollationError", &type_Exception, &METHODS_SENTINEL,
};

/* }}} */

/* {{{ The error for when there is no memory for an error */

static void
keep(struct error *)
{
}

/*
 * In static memory, made at first use and never destroyed: its own reference never goes,
 * and if threads that use it at a time lose count, there is nothing to free.
 */
static OutOfMemory *
out_of_memory()
{
	alignas(OutOfMemory) static char memory[sizeof(OutOfMemory)];
	static OutOfMemory *const object = [] {
		OutOfMemory *e = new (memory) OutOfMemory(__FILE__, __LINE__,
			sizeof(OutOfMemory), "malloc", "exception");
		e->destroy = keep;
		e->refs = 1;
		return e;
	}();
	return object;
}

void
exception_init()
{
	out_of_memory();
}

/* }}} */

/* {{{ Classes */

/* What C code calls through struct error. */

static void
exception_destroy(struct error *e)
{
	delete static_cast<Exception *>(e);
}

static void
exception_raise(struct error *e)
{
	static_cast<Exception *>(e)->raise();
}

static void
exception_log(struct error *e)
{
	static_cast<Exception *>(e)->log();
}

void *
Exception::operator new(size_t size)
{
	void *object = malloc(size);
	if (object != NULL)
		return object;
	OutOfMemory *e = out_of_memory();
	diag_add_error(diag_get(), e);
	throw e;
}

void
Exception::operator delete(void *object)
{
	free(object);
}

Exception::Exception(const struct type_info *type_arg, const char *file_arg,
		     unsigned line_arg)
{
	error_create(this, exception_destroy, exception_raise, exception_log,
		     type_arg, file_arg, line_arg);
}

Exception::~Exception()
{
	assert(refs == 0);
}

void
Exception::log() const
{
	say_file_line(S_ERROR, file, line, errmsg, "%s", type->name);
}

/* The text of an error, from the arguments of the enclosing constructor. */
#define FORMAT_MESSAGE(format) do {		\
	va_list ap;				\
	va_start(ap, format);			\
	error_vformat_msg(this, format, ap);	\
	va_end(ap);				\
} while (0)

SystemError::SystemError(const struct type_info *type_arg, const char *file_arg,
			 unsigned line_arg)
	: Exception(type_arg, file_arg, line_arg), m_errno(errno)
{
}

SystemError::SystemError(const char *file_arg, unsigned line_arg,
			 const char *format, ...)
	: Exception(&type_SystemError, file_arg, line_arg), m_errno(errno)
{
	FORMAT_MESSAGE(format);
}

void
SystemError::log() const
{
	say_file_line(S_SYSERROR, file, line, strerror(m_errno), "SystemError %s", errmsg);
}

/* Adds the socket to the text that there is. */
static void
append_socketname(struct error *e, const char *socketname)
{
	char text[DIAG_ERRMSG_MAX];
	memcpy(text, e->errmsg, sizeof(text));
	error_format_msg(e, "%s, called on %s", text, socketname);
}

SocketError::SocketError(const char *file_arg, unsigned line_arg,
			 const char *socketname, const char *format, ...)
	: SystemError(&type_SocketError, file_arg, line_arg)
{
	int saved = errno;
	FORMAT_MESSAGE(format);
	append_socketname(this, socketname);
	errno = saved;
}

OutOfMemory::OutOfMemory(const char *file_arg, unsigned line_arg, size_t amount,
			 const char *allocator, const char *object)
	: SystemError(&type_OutOfMemory, file_arg, line_arg)
{
	m_errno = ENOMEM;
	error_format_msg(this, "Failed to allocate %u bytes in %s for %s",
			 (unsigned)amount, allocator, object);
}

TimedOut::TimedOut(const char *file_arg, unsigned line_arg)
	: SystemError(&type_TimedOut, file_arg, line_arg)
{
	m_errno = ETIMEDOUT;
	error_format_msg(this, "timed out");
}

ChannelIsClosed::ChannelIsClosed(const char *file_arg, unsigned line_arg)
	: Exception(&type_ChannelIsClosed, file_arg, line_arg)
{
	error_format_msg(this, "channel is closed");
}

FiberIsCancelled::FiberIsCancelled(const char *file_arg, unsigned line_arg)
	: Exception(&type_FiberIsCancelled, file_arg, line_arg)
{
	error_format_msg(this, "fiber is cancelled");
}

void
FiberIsCancelled::log() const
{
	const char *name = cordage_fiber_name();
	say_file_line(S_INFO, file, line, NULL, "fiber `%s' has been cancelled", name);
	say_file_line(S_INFO, file, line, NULL, "fiber `%s': exiting", name);
}

LuajitError::LuajitError(const char *file_arg, unsigned line_arg, const char *msg)
	: Exception(&type_LuajitError, file_arg, line_arg)
{
	error_format_msg(this, "%s", msg != NULL ? msg : "");
}

IllegalParams::IllegalParams(const char *file_arg, unsigned line_arg,
			     const char *format, ...)
	: Exception(&type_IllegalParams, file_arg, line_arg)
{
	FORMAT_MESSAGE(format);
}

CollationError::CollationError(const char *file_arg, unsigned line_arg,
			       const char *format, ...)
	: Exception(&type_CollationError, file_arg, line_arg)
{
	FORMAT_MESSAGE(format);
}

/* }}} */

/* {{{ Constructors for C, which throw nothing */

/* An error of the class, with errno for it to keep as it was before the allocation. */
template<typename T, typename... Args>
static struct error *
build(Args... args)
{
	int saved = errno;
	void *memory = malloc(sizeof(T));
	errno = saved;
	if (memory == NULL)
		return out_of_memory();
	return new (memory) T(args...);
}

/* The same with a text. The static error keeps its own. */
#define BUILD_FORMATTED(class_, file, line, format) ({		\
	struct error *e_ = build<class_>(file, line, "%s", "");	\
	if (e_ != out_of_memory()) {				\
		va_list ap;					\
		va_start(ap, format);				\
		error_vformat_msg(e_, format, ap);		\
		va_end(ap);					\
	}							\
	e_;							\
})

struct error *
BuildOutOfMemory(const char *file, unsigned line, size_t amount,
		 const char *allocator, const char *object)
{
	return build<OutOfMemory>(file, line, amount, allocator, object);
}

struct error *
BuildFiberIsCancelled(const char *file, unsigned line)
{
	return build<FiberIsCancelled>(file, line);
}

struct error *
BuildTimedOut(const char *file, unsigned line)
{
	return build<TimedOut>(file, line);
}

struct error *
BuildChannelIsClosed(const char *file, unsigned line)
{
	return build<ChannelIsClosed>(file, line);
}

struct error *
BuildLuajitError(const char *file, unsigned line, const char *msg)
{
	return build<LuajitError>(file, line, msg);
}

struct error *
BuildIllegalParams(const char *file, unsigned line, const char *format, ...)
{
	return BUILD_FORMATTED(IllegalParams, file, line, format);
}

struct error *
BuildSystemError(const char *file, unsigned line, const char *format, ...)
{
	return BUILD_FORMATTED(SystemError, file, line, format);
}

struct error *
BuildCollationError(const char *file, unsigned line, const char *format, ...)
{
	return BUILD_FORMATTED(CollationError, file, line, format);
}

struct error *
BuildSocketError(const char *file, unsigned line, const char *socketname,
		 const char *format, ...)
{
	int saved = errno;
	struct error *e = build<SocketError>(file, line, "", "%s", "");
	if (e != out_of_memory()) {
		va_list ap;
		va_start(ap, format);
		error_vformat_msg(e, format, ap);
		va_end(ap);
		append_socketname(e, socketname);
	}
	errno = saved;
	return e;
}

/* }}} */

/* {{{ Accessors for C */

const char *
exception_get_string(struct error *e, const struct method_info *method)
{
	Exception *object = static_cast<Exception *>(e);
	if (!method_invokable<const char *>(method, object))
		return NULL;
	return method_invoke<const char *>(method, object);
}

int
exception_get_int(struct error *e, const struct method_info *method)
{
	Exception *object = static_cast<Exception *>(e);
	if (!method_invokable<int>(method, object))
		return 0;
	return method_invoke<int>(method, object);
}

/* }}} */

/*
 * The reference's object of this name also has what its compiler did not inline. To be a full
 * replacement, ours has it at every level of optimisation.
 */
template<typename R, typename T>
struct Emitted {
	struct method_info (*make)(const struct type_info *, const char *, R (T::*)());
	struct method_info (*make_const)(const struct type_info *, const char *,
					 R (T::*)() const);
	enum ctype (*type)();
};

__attribute__((used)) static const Emitted<const char *, Exception> emitted_string = {
	make_method, make_method, ctypeof<const char *>,
};
__attribute__((used)) static const Emitted<void, Exception> emitted_void = {
	make_method, make_method, ctypeof<void>,
};
__attribute__((used)) static const Emitted<int, SystemError> emitted_int = {
	make_method, make_method, ctypeof<int>,
};
__attribute__((used)) static const struct {
	const char *(*invoke_string)(const struct method_info *, Exception *);
	int (*invoke_int)(const struct method_info *, Exception *);
	bool (*string)(const struct method_info *, Exception *);
	bool (*integer)(const struct method_info *, Exception *);
	void (*init)(struct method_info *);
	bool (*no_arguments)(const struct method_info *);
	struct type_info (*make_root)(const char *, const struct type_info *);
	struct type_info (*make)(const char *, const struct type_info *,
				 const struct method_info *);
	bool (*assignable)(const struct type_info *, const struct type_info *);
	void *(*place)(size_t, void *);
} emitted = {
	method_invoke<const char *>,
	method_invoke<int>,
	method_invokable<const char *>,
	method_invokable<int>,
	method_helper<0>::init,
	method_helper<0>::invokable,
	make_type,
	make_type,
	type_assignable,
	Exception::operator new,
};
