import {
  trace as api,
  type Context,
  type ContextManager,
  defaultTextMapGetter,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { RequestSpan, Span, Trace } from "../process/trace.ts";

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/** A caller's `traceparent` is taken over (W3C Trace Context); none is sent to providers, whom our callers are no business of. */
export function traceWith(tracer: Tracer, contexts: ContextManager): Trace {
  const propagator = new W3CTraceContextPropagator();
  return {
    span: (name, kind, work) => {
      const active = contexts.active();
      const span = tracer.startSpan(name, { kind: KINDS[kind] }, active);
      return contexts.with(api.setSpan(active, span), () => run(span, work));
    },
    request: (method, headers) => {
      const parent = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
      return requestOf(span, api.setSpan(parent, span), contexts);
    },
  };
}

async function run<T>(span: OtelSpan, work: (span: Span) => Promise<T>): Promise<T> {
  const told = spanOf(span);
  try {
    return await work(told);
  } catch (error) {
    // No message: it may be somebody else's text.
    told.fail(error instanceof Error ? error.name : "unknown");
    throw error;
  } finally {
    span.end();
  }
}

function spanOf(span: OtelSpan): Span {
  return {
    set: (attributes) => void span.setAttributes(attributes),
    note: (event) => void span.addEvent(event),
    fail: (cause) => {
      span.setAttribute("error.type", cause);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
  };
}

function requestOf(span: OtelSpan, inside: Context, contexts: ContextManager): RequestSpan {
  return {
    ...spanOf(span),
    enter: (next) => contexts.with(inside, next),
    end: (name) => {
      span.updateName(name);
      span.end();
    },
  };
}
