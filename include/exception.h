/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The errors of diag.h as C++ classes: the same objects, which can be thrown.
 *
 * What is thrown is a POINTER of the error's own class; it can be caught as that class,
 * as any of its bases, or as `struct error *`. Throwing changes no count: the caught
 * object still belongs to the current fiber's area, so a handler that clears the
 * area, or sets another error, has to take a reference first.
 *
 * Layout (Itanium C++ ABI): virtual table pointer at 0, `struct error` at 8,
 * members of derived classes from 816. Origin: spec diag.md 6.
 */
#ifndef TARANTOOL_EXCEPTION_H_INCLUDED
#define TARANTOOL_EXCEPTION_H_INCLUDED

#include "trivia/util.h"

#include <assert.h>
#include <stdarg.h>

#include "diag.h"
#include "reflection.h"

#if defined(__cplusplus)
extern "C" {
#endif

extern const struct type_info type_Exception;
extern const struct type_info type_SystemError;
extern const struct type_info type_SocketError;
extern const struct type_info type_OutOfMemory;
extern const struct type_info type_TimedOut;
extern const struct type_info type_ChannelIsClosed;
extern const struct type_info type_FiberIsCancelled;
extern const struct type_info type_LuajitError;
extern const struct type_info type_IllegalParams;
extern const struct type_info type_CollationError;

/** What a method `const char *()` of the error returns; NULL if it is not one. */
const char *
exception_get_string(struct error *e, const struct method_info *method);

/** What a method `int()` of the error returns; 0 if it is not one. */
int
exception_get_int(struct error *e, const struct method_info *method);

#if defined(__cplusplus)
} /* extern "C" */

/** Nothing has to be initialised any more; kept for programs that call it. */
void
exception_init();

/** Base of all. Made by `new` or by a Build* function, owned by references. */
class Exception: public error {
public:
	/** malloc; when that fails, throws the static OutOfMemory (`OutOfMemory *`), which
	 * it has put into the current fiber's area. */
	static void *
	operator new(size_t size);

	static void *
	operator new(size_t, void *place)
	{
		return place;
	}

	static void
	operator delete(void *object);

	const char *
	get_file() const
	{
		return file;
	}

	int
	get_line() const
	{
		return line;
	}

	const char *
	get_errmsg() const
	{
		return errmsg;
	}

	/** Throws `this` as a pointer of the object's own class. */
	NORETURN virtual void
	raise() = 0;

	virtual void
	log() const;

	virtual
	~Exception();

	Exception(const Exception &) = delete;
	Exception &
	operator=(const Exception &) = delete;

protected:
	Exception(const struct type_info *type, const char *file, unsigned line);
};

/** A failed system call: keeps errno as it was when the object was made. */
class SystemError: public Exception {
public:
	CFORMAT(printf, 4, 5)
	SystemError(const char *file, unsigned line, const char *format, ...);

	NORETURN virtual void
	raise()
	{
		throw this;
	}

	virtual void
	log() const;

	int
	get_errno() const
	{
		return m_errno;
	}

protected:
	SystemError(const struct type_info *type, const char *file, unsigned line);

	int m_errno;
};

class SocketError: public SystemError {
public:
	CFORMAT(printf, 5, 6)
	SocketError(const char *file, unsigned line, const char *socketname,
		    const char *format, ...);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

/** Its errno is always ENOMEM. */
class OutOfMemory: public SystemError {
public:
	OutOfMemory(const char *file, unsigned line, size_t amount,
		    const char *allocator, const char *object);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

/** Its errno is always ETIMEDOUT. */
class TimedOut: public SystemError {
public:
	TimedOut(const char *file, unsigned line);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

class ChannelIsClosed: public Exception {
public:
	ChannelIsClosed(const char *file, unsigned line);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

/** Not a failure but a request: logs, at INFO, that the current fiber ends. */
class FiberIsCancelled: public Exception {
public:
	FiberIsCancelled(const char *file, unsigned line);

	NORETURN virtual void
	raise()
	{
		throw this;
	}

	virtual void
	log() const;
};

class LuajitError: public Exception {
public:
	LuajitError(const char *file, unsigned line, const char *msg);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

class IllegalParams: public Exception {
public:
	CFORMAT(printf, 4, 5)
	IllegalParams(const char *file, unsigned line, const char *format, ...);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

class CollationError: public Exception {
public:
	CFORMAT(printf, 4, 5)
	CollationError(const char *file, unsigned line, const char *format, ...);

	NORETURN virtual void
	raise()
	{
		throw this;
	}
};

/** Makes an error of the class with `new`, gives it to the current fiber's area and
 * yields it as a `class_ *`. Unlike diag_set it does not restore errno. */
#define tnt_error(class_, ...) ({					\
	say_debug("%s at %s:%d", #class_, __FILE__, __LINE__);		\
	class_ *tnt_error_ = new class_(__FILE__, __LINE__, ##__VA_ARGS__); \
	diag_add_error(diag_get(), tnt_error_);				\
	tnt_error_;							\
})

/** The same, thrown. */
#define tnt_raise(...) do {						\
	throw tnt_error(__VA_ARGS__);					\
} while (0)

#endif /* defined(__cplusplus) */

#endif /* TARANTOOL_EXCEPTION_H_INCLUDED */
