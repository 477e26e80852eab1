package sandbox

import (
	"reflect"
	"sync"
)

// clone copies v deeply, so that what the account keeps and what a caller holds
// never share memory. Interfaces (readers) and unexported fields are left as they are.
func clone[T any](v T) T {
	src := reflect.ValueOf(v)
	if !src.IsValid() {
		return v
	}
	out := reflect.New(src.Type()).Elem()
	deepCopy(out, src)
	return out.Interface().(T)
}

// deepCopy copies src to dst, which is the zero value of its type.
func deepCopy(dst, src reflect.Value) {
	switch src.Kind() {
	case reflect.Pointer:
		if src.IsNil() {
			return
		}
		p := reflect.New(src.Type().Elem())
		deepCopy(p.Elem(), src.Elem())
		dst.Set(p)
	case reflect.Slice:
		if src.IsNil() {
			return
		}
		s := reflect.MakeSlice(src.Type(), src.Len(), src.Len())
		if layoutOf(src.Type().Elem()).flat {
			reflect.Copy(s, src)
		} else {
			for i := range src.Len() {
				deepCopy(s.Index(i), src.Index(i))
			}
		}
		dst.Set(s)
	case reflect.Map:
		if src.IsNil() {
			return
		}
		m := reflect.MakeMapWithSize(src.Type(), src.Len())
		for it := src.MapRange(); it.Next(); {
			value := reflect.New(src.Type().Elem()).Elem()
			deepCopy(value, it.Value())
			m.SetMapIndex(it.Key(), value)
		}
		dst.Set(m)
	case reflect.Struct:
		dst.Set(src)
		for _, i := range layoutOf(src.Type()).deep {
			dst.Field(i).SetZero()
			deepCopy(dst.Field(i), src.Field(i))
		}
	default:
		dst.Set(src)
	}
}

// layout is what it takes to copy a type.
type layout struct {
	flat bool  // an assignment copies all of it
	deep []int // the fields of a struct that an assignment does not copy
}

// layouts holds those of the types that were copied: an API has many fields, few of them deep.
var layouts sync.Map

func layoutOf(t reflect.Type) layout {
	if known, ok := layouts.Load(t); ok {
		return known.(layout)
	}
	var l layout
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !layoutOf(f.Type).flat {
				l.deep = append(l.deep, i)
			}
		}
		l.flat = len(l.deep) == 0
	default:
		l.flat = true
	}
	layouts.Store(t, l)
	return l
}
