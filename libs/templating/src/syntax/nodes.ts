/** The tree of a template, as Go's text/template/parse builds it; every node knows its index in the source. */
interface At {
  pos: number;
}

export interface TextNode extends At {
  type: 'text';
  text: string;
}
export interface ListNode extends At {
  type: 'list';
  nodes: StatementNode[];
}
export interface ActionNode extends At {
  type: 'action';
  pipe: PipeNode;
}
export interface BranchNode extends At {
  type: 'if' | 'range' | 'with';
  pipe: PipeNode;
  list: ListNode;
  otherwise?: ListNode;
}
export interface JumpNode extends At {
  type: 'break' | 'continue';
}
export interface TemplateNode extends At {
  type: 'template';
  name: string;
  pipe?: PipeNode;
}
export type StatementNode = TextNode | ActionNode | BranchNode | JumpNode | TemplateNode;

export interface PipeNode extends At {
  type: 'pipe';
  isAssign: boolean;
  declared: VariableNode[];
  commands: CommandNode[];
}
export interface CommandNode extends At {
  type: 'command';
  args: OperandNode[];
}
export interface IdentifierNode extends At {
  type: 'identifier';
  name: string;
}
export interface FieldNode extends At {
  type: 'field';
  names: string[];
}
export interface VariableNode extends At {
  type: 'variable';
  /** The variable with its `$`, then fields. */
  names: string[];
}
export interface ChainNode extends At {
  type: 'chain';
  operand: OperandNode;
  names: string[];
}
export interface DotNode extends At {
  type: 'dot';
}
export interface NilNode extends At {
  type: 'nil';
}
export interface BoolNode extends At {
  type: 'bool';
  value: boolean;
}
export interface NumberNode extends At {
  type: 'number';
  text: string;
  /** The value where it fits a 64-bit integer. */
  integer?: bigint;
  float?: number;
  /** The value of a constant without a parameter type to follow. */
  ideal: 'int' | 'float' | 'rune' | 'overflow';
}
export interface StringNode extends At {
  type: 'string';
  quoted: string;
  text: string;
}
export type OperandNode =
  | PipeNode
  | IdentifierNode
  | FieldNode
  | VariableNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode;
export type Node = StatementNode | ListNode | PipeNode | CommandNode | OperandNode;

/** How Go writes a node back, which its error messages quote. */
export function nodeText(node: Node): string {
  switch (node.type) {
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${nodeText(node.pipe)}` : ''}}}`;
    case 'pipe':
      return pipeText(node);
    case 'command':
      return node.args.map(operandText).join(' ');
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return node.names.join('.');
    case 'chain':
      return [operandText(node.operand), ...node.names].join('.');
    case 'string':
      return node.quoted;
    case 'text':
    case 'number':
      return node.text;
    case 'identifier':
      return node.name;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'break':
    case 'continue':
      return `{{${node.type}}}`;
    default:
      return `{{${node.type} ${nodeText(node.pipe)}}}`;
  }
}

function pipeText(node: PipeNode): string {
  const declared = node.declared.map(nodeText).join(', ');
  const assign = declared === '' ? '' : `${declared} ${node.isAssign ? '=' : ':='} `;
  return assign + node.commands.map(nodeText).join(' | ');
}

function operandText(node: OperandNode): string {
  return node.type === 'pipe' ? `(${nodeText(node)})` : nodeText(node);
}
