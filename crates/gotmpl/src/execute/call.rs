//! Calling functions and methods with checked arguments.

use value::{Map, Object, Type, Value};

use crate::ast::{Builtin, Callee, NodeId, Term};
use crate::execute::{Executed, Reflected, Thrown, argument, throw};
use crate::{Body, CallError, Function, State};

/// What is called.
pub(crate) enum Target<'f> {
    Function(&'f Function),
    /// A method of a named map type; the map goes before the arguments.
    MapMethod(&'f Function, Map),
    Method {
        object: &'f dyn Object,
        name: &'f str,
        parameters: &'static [Type],
        is_variadic: bool,
    },
}

/// What the arguments of a call must be.
#[derive(Clone, Copy)]
pub(crate) struct Signature<'f> {
    pub(crate) name: &'f str,
    pub(crate) parameters: &'static [Type],
    pub(crate) is_variadic: bool,
}

impl Target<'_> {
    fn signature(&self) -> Signature<'_> {
        match self {
            Target::Function(function) | Target::MapMethod(function, _) => Signature {
                name: function.name,
                parameters: function.parameters,
                is_variadic: function.is_variadic,
            },
            Target::Method { name, parameters, is_variadic, .. } => {
                Signature { name, parameters, is_variadic: *is_variadic }
            }
        }
    }
}

impl State<'_> {
    /// Evaluates a function at the head of a command or as an argument. `command` is where its errors are reported.
    pub(crate) fn eval_function(
        &mut self,
        dot: &Reflected,
        node: NodeId,
        callee: Callee,
        command: NodeId,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        self.node = node;
        match callee {
            Callee::Custom(number) => {
                let target = Target::Function(self.set.function(number));
                self.eval_call(dot, target, command, arguments, last)
            }
            Callee::Builtin(builtin @ (Builtin::And | Builtin::Or)) => {
                self.short_circuit(dot, builtin, arguments, last)
            }
            Callee::Builtin(builtin) => self.eval_builtin(dot, builtin, command, arguments, last),
        }
    }

    pub(crate) fn eval_call(
        &mut self,
        dot: &Reflected,
        target: Target<'_>,
        node: NodeId,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        let base = self.arguments.len();
        if let Target::MapMethod(_, map) = &target {
            self.arguments.push(Value::Map(map.clone()));
        }
        if let Err(thrown) = self.gather(dot, target.signature(), arguments, last) {
            self.arguments.truncate(base);
            return Err(thrown);
        }
        match target {
            Target::Function(function) | Target::MapMethod(function, _) => {
                let result = match &function.body {
                    Body::Pure(body) => {
                        let result = body(self.arguments.get_mut(base..).unwrap_or_default());
                        self.arguments.truncate(base);
                        result
                    }
                    Body::Stateful(body) => self.call_stateful(&**body, base),
                };
                result.map_err(|error| {
                    self.node = node;
                    Box::new(Thrown::Call { function: function.name, error })
                })
            }
            Target::Method { object, name, .. } => {
                let result = object.call(name, self.arguments.get(base..).unwrap_or_default());
                self.arguments.truncate(base);
                result.map_err(|error| {
                    self.node = node;
                    let error = CallError::from(error);
                    Box::new(Thrown::MethodCall { method: name.to_owned(), error })
                })
            }
        }
    }

    /// Calls a body that gets the state; its arguments leave the common stack, which it may use itself.
    fn call_stateful(&mut self, body: &crate::StatefulBody, base: usize) -> Result<Value, CallError> {
        let count = self.arguments.len() - base;
        let mut few: [Value; 4] = Default::default();
        match few.get_mut(..count) {
            Some(arguments) => {
                for (place, argument) in arguments.iter_mut().zip(self.arguments.drain(base..)) {
                    *place = argument;
                }
                body(self, arguments)
            }
            None => {
                let mut many: Vec<Value> = self.arguments.drain(base..).collect();
                body(self, &mut many)
            }
        }
    }

    /// Evaluates and checks the arguments of a call and puts them on the argument stack.
    pub(crate) fn gather(
        &mut self,
        dot: &Reflected,
        signature: Signature<'_>,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<()> {
        let Signature { name, parameters, is_variadic } = signature;
        let count = arguments.len() + usize::from(last.is_some());
        let fixed = parameters.len() - usize::from(is_variadic && !parameters.is_empty());
        if is_variadic && count < fixed {
            return throw(format!(
                "wrong number of args for {name}: want at least {fixed} got {}",
                arguments.len()
            ));
        }
        if !is_variadic && count != parameters.len() {
            return throw(format!("wrong number of args for {name}: want {fixed} got {count}"));
        }
        let rest = parameters.last().copied().unwrap_or(Type::Any);
        for (index, term) in arguments.iter().enumerate() {
            let parameter = parameters.get(index).copied().unwrap_or(rest);
            if let Some(value) = self.take_last_use(parameter, term) {
                self.node = term.id();
                self.arguments.push(value);
                continue;
            }
            if self.argument_in_place(dot, parameter, term).is_some() {
                self.node = term.id();
                continue;
            }
            let value = self.eval_argument(dot, parameter, term)?;
            self.arguments.push(value);
        }
        if let Some(value) = last.take() {
            let parameter = parameters.get(arguments.len()).copied().unwrap_or(rest);
            let value = self.validate(Reflected::concrete(value), parameter)?;
            self.arguments.push(value);
        }
        Ok(())
    }

    /// Takes the value of a variable that is about to be replaced, if it is of the parameter's type as it is.
    #[inline]
    fn take_last_use(&mut self, parameter: Type, term: &Term) -> Option<Value> {
        let Term::Variable(_, variable) = term else { return None };
        let variable = self.source.variable(*variable);
        // Where variables are looked up by name, another one of that name may be assigned to.
        if !variable.is_last_use || self.is_dynamic {
            return None;
        }
        let place = self.place(variable.slot, variable.name)?;
        let value = &mut self.variables.get_mut(place)?.value.value;
        argument::is_plainly_of(value, parameter).then(|| std::mem::take(value))
    }

    /// `and` and `or` evaluate no more than they need.
    fn short_circuit(
        &mut self,
        dot: &Reflected,
        builtin: Builtin,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        if arguments.is_empty() && last.is_none() {
            let name = builtin.name();
            return throw(format!("wrong number of args for {name}: want at least 1 got 0"));
        }
        let mut value = Value::Nil;
        for term in arguments {
            value = self.eval_any(dot, term)?.value;
            if value.is_true() == (builtin == Builtin::Or) {
                return Ok(value);
            }
        }
        Ok(last.take().unwrap_or(value))
    }
}
