/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Run-time description of types, for code that has only a C pointer: the name of
 * an object's type, its ancestors, and methods that can be called by name.
 *
 * A type descriptor is constant data called `type_<Name>`. Origin: spec diag.md 5.
 */
#ifndef TARANTOOL_REFLECTION_H_INCLUDED
#define TARANTOOL_REFLECTION_H_INCLUDED

#include "trivia/config.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct type_info;
struct method_info;

/** A type: its name, its parent (NULL for a root), and its own methods. */
struct type_info {
	const char *name;
	const struct type_info *parent;
	/** Ends with METHODS_SENTINEL. */
	const struct method_info *methods;
};

/** The types that a method may take and return. */
enum ctype {
	CTYPE_VOID = 0,
	CTYPE_INT = 1,
	CTYPE_CONST_CHAR_PTR = 2,
};

enum { METHOD_ARG_MAX = 8 };

#if defined(__cplusplus)
/** Stands for a pointer to a member function of any class and signature. */
typedef void (type_info::*method_thiscall_f)(void);
#endif

/** A method: whose it is, its name and signature, and (C++ only) its code. */
struct method_info {
	const struct type_info *owner;
	const char *name;
	enum ctype rtype;
	/** The first `nargs` are used, the others are 0. */
	enum ctype atype[METHOD_ARG_MAX];
	int nargs;
	bool isconst;
	union {
		/** Room for a pointer to a member function, for C. */
		void *_spacer[2];
#if defined(__cplusplus)
		method_thiscall_f thiscall;
#endif
	};
};

/** All zero: the end of a list of methods, and the list of a type without any. */
extern const struct method_info METHODS_SENTINEL;

/**
 * True if `object` is `type` or descends from it.
 *
 * C: an inline function with an external definition in the library.
 */
inline bool
type_assignable(const struct type_info *type, const struct type_info *object)
{
	assert(object != NULL);
	for (; object != NULL; object = object->parent) {
		if (object == type)
			return true;
		assert(object->parent != object);
	}
	return false;
}

/** `obj` as a `T *` if the type that it carries is or descends from `type_T`, else NULL. */
#define type_cast(T, obj) ({						\
	__typeof__(obj) type_cast_obj_ = (obj);				\
	type_assignable(&type_##T, type_cast_obj_->type) ?		\
		(T *)type_cast_obj_ : (T *)NULL;			\
})

/** Two nested loops over the methods of `type_` and then of its ancestors, each in
 * order; `method` is declared here as `const struct method_info *`. `break` leaves
 * only the methods of one type. */
#define type_foreach_method(type_, method)				\
	for (const struct type_info *method##_of_ = (type_);		\
	     method##_of_ != NULL; method##_of_ = method##_of_->parent)	\
		for (const struct method_info *method = method##_of_->methods; \
		     method->name != NULL; method++)

/** The first method of that name of the type or of its nearest ancestor; NULL if none. */
inline const struct method_info *
type_method_by_name(const struct type_info *type, const char *name)
{
	type_foreach_method(type, method) {
		if (strcmp(method->name, name) == 0)
			return method;
	}
	return NULL;
}

#if defined(__cplusplus)
} /* extern "C" */

static_assert(sizeof(((struct method_info *)NULL)->thiscall) <=
	      sizeof(((struct method_info *)NULL)->_spacer),
	      "a pointer to a member function fits");

/** Descriptor of a type with methods of its own. */
inline struct type_info
make_type(const char *name, const struct type_info *parent,
	  const struct method_info *methods)
{
	struct type_info type = { name, parent, methods };
	return type;
}

/** Descriptor of a type without. */
inline struct type_info
make_type(const char *name, const struct type_info *parent)
{
	return make_type(name, parent, &METHODS_SENTINEL);
}

/** The descriptor of a C++ type; only the three that have one can be in a signature. */
template<typename T> inline enum ctype
ctypeof();

template<> inline enum ctype
ctypeof<void>()
{
	return CTYPE_VOID;
}

template<> inline enum ctype
ctypeof<int>()
{
	return CTYPE_INT;
}

template<> inline enum ctype
ctypeof<const char *>()
{
	return CTYPE_CONST_CHAR_PTR;
}

/** Walks a list of argument types, of which the first has the number N. */
template<int N, typename... Args> struct method_helper;

template<int N, typename A, typename... Args>
struct method_helper<N, A, Args...> {
	static bool
	invokable(const struct method_info *method)
	{
		return method->atype[N] == ctypeof<A>() &&
		       method_helper<N + 1, Args...>::invokable(method);
	}

	static void
	init(struct method_info *method)
	{
		method->atype[N] = ctypeof<A>();
		method_helper<N + 1, Args...>::init(method);
	}
};

template<int N>
struct method_helper<N> {
	static bool
	invokable(const struct method_info *)
	{
		return true;
	}

	static void
	init(struct method_info *)
	{
	}
};

/*
 * A pointer to a member is stored and fetched by copying its bytes: there is no
 * conversion between pointers to members of unrelated classes that compilers accept
 * without a warning.
 */

/** Descriptor of a method of the type `owner`. */
template<typename R, typename... Args, typename T>
inline struct method_info
make_method(const struct type_info *owner, const char *name, R (T::*member)(Args...))
{
	static_assert(sizeof...(Args) <= METHOD_ARG_MAX, "too many arguments");
	struct method_info method = method_info();
	static_assert(sizeof(member) <= sizeof(method._spacer), "it fits");
	method.owner = owner;
	method.name = name;
	method.rtype = ctypeof<R>();
	method.nargs = sizeof...(Args);
	method.isconst = false;
	memcpy((void *)&method.thiscall, &member, sizeof(member));
	method_helper<0, Args...>::init(&method);
	return method;
}

/** The same for a const method. */
template<typename R, typename... Args, typename T>
inline struct method_info
make_method(const struct type_info *owner, const char *name,
	    R (T::*member)(Args...) const)
{
	R (T::*mutable_member)(Args...);
	memcpy((void *)&mutable_member, &member, sizeof(member));
	struct method_info method = make_method(owner, name, mutable_member);
	method.isconst = true;
	return method;
}

/** True if the object has this method and it can be called as R(Args...). */
template<typename R, typename... Args, typename T>
inline bool
method_invokable(const struct method_info *method, T *object)
{
	static_assert(sizeof...(Args) <= METHOD_ARG_MAX, "too many arguments");
	return type_assignable(method->owner, object->type) &&
	       method->rtype == ctypeof<R>() &&
	       method->nargs == (int)sizeof...(Args) &&
	       method_helper<0, Args...>::invokable(method);
}

/** On a const object only a const method can be called. */
template<typename R, typename... Args, typename T>
inline bool
method_invokable(const struct method_info *method, const T *object)
{
	return method->isconst &&
	       method_invokable<R, Args...>(method, const_cast<T *>(object));
}

/** Calls the method, which must be invokable. */
template<typename R, typename... Args, typename T>
inline R
method_invoke(const struct method_info *method, T *object, Args... args)
{
	assert((method_invokable<R, Args...>(method, object)));
	R (T::*member)(Args...);
	memcpy((void *)&member, (const void *)&method->thiscall, sizeof(member));
	return (object->*member)(args...);
}

/** Calls a const method on a const object. */
template<typename R, typename... Args, typename T>
inline R
method_invoke(const struct method_info *method, const T *object, Args... args)
{
	assert((method_invokable<R, Args...>(method, object)));
	R (T::*member)(Args...) const;
	memcpy((void *)&member, (const void *)&method->thiscall, sizeof(member));
	return (object->*member)(args...);
}
#endif /* defined(__cplusplus) */

#endif /* TARANTOOL_REFLECTION_H_INCLUDED */
